import type { Pool, PoolClient } from 'pg';
import type { Database } from '../../src/db/client.ts';
import { TokenAuth } from '../../src/http/client/auth.ts';
import { maskErrors } from '../../src/http/errors.ts';
import { documentCache } from '../../src/http/graphql/documents.ts';
import { Execution } from '../../src/http/graphql/execution.ts';
import { createEndpoint } from '../../src/http/graphql/yoga.ts';
import { GRAPHQL_PATH } from '../../src/http/server/headers.ts';
import { Tailer } from '../../src/log/tailer.ts';
import { Catalog } from '../../src/read/memory/catalog.ts';
import { schema } from '../../src/schema/schema.ts';
import { openTestDatabase } from './database.ts';

/** An error of an answer, as a client sees it. */
export interface ShownError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly locations?: readonly { readonly line: number; readonly column: number }[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

export interface Answer<Data> {
  readonly data: Data | null;
  readonly errors?: readonly ShownError[];
}

export type Variables = Readonly<Record<string, unknown>>;

/** Runs operations as one client. */
export interface TestClient {
  /** The answer with its errors, whatever they are. */
  answer<Data>(query: string, variables?: Variables): Promise<Answer<Data>>;
  /** The data of an operation that must succeed. @throws Error with its errors and what was masked. */
  data<Data>(query: string, variables?: Variables): Promise<Data>;
  /** The one error of an operation that must be refused. @throws Error with the answer if it was not. */
  refusal(query: string, variables?: Variables): Promise<ShownError>;
}

/** @param masked where errors that are masked before clients are collected, with their causes. */
export function testClient(answer: TestClient['answer'], masked: unknown[]): TestClient {
  return {
    answer,
    async data<Data>(query: string, variables?: Variables) {
      const { data, errors } = await answer<Data>(query, variables);
      if (errors || data === null) {
        const causes = masked.splice(0).map((error) => (error instanceof Error ? error.stack : error));
        throw new Error(`${JSON.stringify(errors)}\n${causes.join('\n')}`);
      }
      return data;
    },
    async refusal(query, variables) {
      const { data, errors = [] } = await answer(query, variables);
      const [error] = errors;
      if (!error || errors.length > 1) {
        throw new Error(`expected one error, got ${JSON.stringify({ data, errors })}`);
      }
      return error;
    },
  };
}

/** Runs operations in this process, through the very handler that the service listens with. */
export interface TestGraphql extends TestClient {
  /** Errors that were masked before a client, with their causes. */
  readonly masked: unknown[];
  stop(): Promise<void>;
}

export async function createTestGraphql(db: Database): Promise<TestGraphql> {
  const masked: unknown[] = [];
  // On a connection of its own, so that its looks at the log are not among the SQL that a test counts.
  const followed = openTestDatabase(db.url, 1);
  const catalog = new Catalog();
  const tailer = new Tailer({
    db: followed,
    onEntries: (entries) => catalog.apply(entries),
    onHistory: () => catalog.clear(),
    notice: (message) => masked.push(message),
  });
  await tailer.start();
  const endpoint = createEndpoint({
    db,
    tailer,
    catalog,
    auth: new TokenAuth(db),
    execution: new Execution(schema),
    documents: documentCache(),
    mask: maskErrors((error) => void masked.push(error)),
  });
  const answer = async <Data>(query: string, variables: Variables = {}): Promise<Answer<Data>> => {
    const response = await endpoint.fetch(`http://readout${GRAPHQL_PATH}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as Answer<Data>;
  };
  return {
    ...testClient(answer, masked),
    masked,
    async stop() {
      await tailer.stop();
      await followed.close();
    },
  };
}

const recorded = new WeakMap<Pool, { texts: string[] }>();

/** The SQL texts that a database's pool sends from now on, Prisma's and hand-written alike. */
export function recordSql({ pool }: Pick<Database, 'pool'>): string[] {
  const texts: string[] = [];
  const known = recorded.get(pool);
  if (known) {
    known.texts = texts;
    return texts;
  }
  const into = { texts };
  recorded.set(pool, into);
  const watched = new WeakSet<PoolClient>();
  pool.on('acquire', (client) => {
    if (watched.has(client)) return;
    watched.add(client);
    const send = client.query.bind(client) as (...args: unknown[]) => unknown;
    const query = (...args: unknown[]): unknown => {
      const [given] = args;
      into.texts.push(typeof given === 'string' ? given : (given as { text: string }).text);
      return send(...args);
    };
    Object.assign(client, { query });
  });
  return texts;
}
