import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { openDatabase } from '../../src/db/client.ts';
import { freePort, ServiceProcess } from '../chaos/service.ts';
import { cpuMs, median } from '../measure.ts';
import { type Person, people } from '../names/people.ts';
import { findPostmaster, postgresCpuMs } from '../writes/postgresCpu.ts';

const LIST_LENGTH = 500;
/** Lists of each kind that are saved before those that are measured. */
const WARM_UP_LISTS = 2;
const STATES = 50;

type Entry = Record<string, unknown>;

/** How the n-th new entry of a noun is made, and a patch of it. */
interface Noun {
  readonly added: (n: number, person: Person) => Entry;
  readonly patched: (n: number) => Entry;
}

const identifiers = (n: number): Entry[] => [{ scheme: 'bench', value: `Q${n}` }];
const description = (): string => `What is known by now: ${randomUUID()}.`;

const NOUNS: Readonly<Record<'Actor' | 'Topic' | 'Source' | 'Event', Noun>> = {
  Actor: {
    added: (n, { name, alias }) => ({
      ...{
        slug: `actor-${n}`,
        name,
        kind: 'PERSON',
        aliases: [{ name: alias }],
        identifiers: identifiers(n),
      },
      affiliations: [{ in: `state-${n % STATES}`, role: 'Minister', from: '2020' }],
    }),
    patched: (n) => ({ slug: `actor-${n}`, description: description() }),
  },
  Topic: {
    added: (n, { name }) => ({
      ...{ slug: `topic-${n}`, name: `The plan of ${name}`, proposition: `Plan ${n} is right.` },
      ...{ identifiers: identifiers(n), ...(n >= LIST_LENGTH && { parent: `topic-${n % LIST_LENGTH}` }) },
    }),
    patched: (n) => ({ slug: `topic-${n}`, description: description() }),
  },
  Source: {
    added: (n, { name }) => ({
      ...{
        slug: `source-${n}`,
        title: `Talks with ${name}`,
        url: `https://example.org/${n}`,
        language: 'en',
      },
      ...{ publisher: `state-${n % STATES}`, publishedOn: '2025-07-01', identifiers: identifiers(n) },
    }),
    patched: (n) => ({ slug: `source-${n}`, licence: description() }),
  },
  Event: {
    added: (n, { name }) => ({
      ...{ slug: `event-${n}`, name: `Call of ${name}`, kind: 'CALL', date: '2025-07-01' },
      participants: [`state-${n % STATES}`, `state-${(n + 7) % STATES}`],
    }),
    patched: (n) => ({ slug: `event-${n}`, description: description() }),
  },
};

interface Sample {
  readonly wallMs: number;
  readonly ownMs: number;
  readonly postgresMs: number;
}

/**
 * Saves lists of actors, topics, sources and events over HTTP, one after the other: new ones with all that they usually have, and patches
 * of one field.
 * @param lists measured lists of each kind.
 * @returns for each kind the entries a second, and the CPU of a list.
 */
export async function measureLists(
  serverUrl: string,
  lists: number,
): Promise<Record<string, string | number>[]> {
  const server = new pg.Client({ connectionString: serverUrl });
  await server.connect();
  await server.query('CREATE DATABASE lists');
  await server.end();
  const url = new URL(serverUrl);
  url.pathname = '/lists';
  const db = openDatabase({ url: serverUrl, poolMax: 1, statementTimeoutMs: 20_000 });
  const postmaster = await findPostmaster(db);
  await db.close();
  const token = randomUUID();
  const service = new ServiceProcess(await freePort(), {
    ...{ DATABASE_URL: url.href, RECORDER_TOKEN: token, SEED: 'off', NODE_ENV: 'production' },
    ...{ LAG_MAX_MS: '60000', COST_PER_MINUTE: '10000000000', NODE_OPTIONS: '--max-semi-space-size=16' },
  });
  await service.start();
  const save = async (noun: string, input: readonly Entry[]): Promise<void> => {
    const query = `mutation ($input: [Save${noun}Input!]!) { save${noun}s(input: $input) { created revised } }`;
    const response = await fetch(`${service.origin}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables: { input } }),
    });
    const text = await response.text();
    if (!text.startsWith('{"data":{"save')) throw new Error(`${response.status} ${text.slice(0, 300)}`);
  };
  const measured = async (noun: string, input: readonly Entry[]): Promise<Sample> => {
    const startMs = performance.now();
    const [own, postgres] = [await cpuMs(service.pid), await postgresCpuMs(postmaster)];
    await save(noun, input);
    return {
      wallMs: performance.now() - startMs,
      ownMs: (await cpuMs(service.pid)) - own,
      postgresMs: (await postgresCpuMs(postmaster)) - postgres,
    };
  };
  try {
    const states = Array.from({ length: STATES }, (_, n) => ({
      slug: `state-${n}`,
      name: `State ${n}`,
      kind: 'STATE',
    }));
    await save('Actor', states);
    const persons = people((WARM_UP_LISTS + lists) * LIST_LENGTH);
    const samples = new Map<string, Sample[]>();
    for (let list = 0; list < WARM_UP_LISTS + lists; list += 1) {
      const numbers = Array.from({ length: LIST_LENGTH }, (_, i) => list * LIST_LENGTH + i);
      for (const [noun, { added, patched }] of Object.entries(NOUNS)) {
        const kinds = {
          added: numbers.map((n) => added(n, persons[n] as Person)),
          patched: numbers.map(patched),
        };
        for (const [kind, input] of Object.entries(kinds)) {
          const what = `${noun.toLowerCase()}s ${kind}`;
          const sample = await measured(noun, input);
          if (list >= WARM_UP_LISTS) samples.set(what, [...(samples.get(what) ?? []), sample]);
        }
      }
    }
    return [...samples].map(([what, each]) => {
      const of = (key: keyof Sample): number => median(each.map((sample) => sample[key]));
      return {
        [`lists of ${LIST_LENGTH}`]: what,
        'a second': Math.round((LIST_LENGTH * 1_000) / of('wallMs')),
        'CPU ms of a list': Math.round(of('ownMs')),
        'CPU ms of PostgreSQL': Math.round(of('postgresMs')),
      };
    });
  } finally {
    await service.end('SIGTERM');
  }
}
