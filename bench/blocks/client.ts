/** A request that is much work. */
export interface Case {
  readonly name: string;
  /** What must be there before; answers what ends it. */
  readonly prepare?: (client: Client) => Promise<() => void>;
  /** Sends it and answers the response. `run` makes each one another. */
  send(client: Client, run: number): Promise<string>;
}

/** How the service is reached, and a token that may record. */
export interface Client {
  readonly origin: string;
  readonly token: string;
}

/** Sends an operation and answers the response. */
export async function post(
  { origin }: Client,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const response = await fetch(`${origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return response.text();
}

export const times = (count: number, make: (i: number) => string, separator = ' '): string =>
  Array.from({ length: count }, (_, i) => make(i)).join(separator);

/** A query without a token. */
export const query = (
  name: string,
  text: (run: number) => string,
  variables: (run: number) => object = () => ({}),
  more: (run: number) => object = () => ({}),
): Case => ({
  name,
  send: (client, run) => post(client, { query: text(run), variables: variables(run), ...more(run) }),
});

export const statement = (run: number, i: number, size: number): object => ({
  text: `Statement ${run} ${i} ${'x'.repeat(size)}`,
  mode: 'INDIRECT',
  act: 'STATE',
  speakers: ['actor-1', 'actor-2'],
  topics: [{ topic: 'topic-1', stance: 'SUPPORTS' }, { topic: 'topic-2' }],
  said: '2025-07-01',
  source: 'source-1',
});

/** Records a list of statements. */
export async function recordList({ origin, token }: Client, input: readonly object[]): Promise<string> {
  const text =
    'mutation ($input: [RecordStatementInput!]!) { recordStatements(input: $input) { statements { slug } } }';
  return post({ origin, token }, { query: text, variables: { input } }, { authorization: `Bearer ${token}` });
}

/** Saves a list of nouns, or one, with the mutation of this name. */
export async function save(
  client: Client,
  mutation: string,
  input: object,
  type = `[${mutation.charAt(0).toUpperCase()}${mutation.slice(1, -1)}Input!]!`,
  selection = 'created',
): Promise<string> {
  const query = `mutation ($input: ${type}) { ${mutation}(input: $input) { ${selection} } }`;
  return post(client, { query, variables: { input } }, { authorization: `Bearer ${client.token}` });
}

/** Saves a list of actors. */
export function saveActors(client: Client, input: readonly object[]): Promise<string> {
  return save(client, 'saveActors', input, undefined, 'actors { slug }');
}

let recorded = 0;

/** Records a statement. */
export async function recordOne(client: Client): Promise<string> {
  recorded += 1;
  return recordList(client, [statement(-1, recorded, 100)]);
}
