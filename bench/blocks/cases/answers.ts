import { type Case, type Client, query, times } from '../client.ts';
import { FULL_EVENTS } from '../events.ts';

const FIELDS = 'slug text quote act mode';

/** Reads a path of the service, and answers the beginning. */
const reading = (
  name: string,
  path: (run: number) => string,
  headers: Readonly<Record<string, string>> = {},
): Case => ({
  name,
  send: async ({ origin, token }: Client, run) => {
    const authorization = `Bearer ${token}`;
    const response = await fetch(`${origin}${path(run)}`, { headers: { authorization, ...headers } });
    return response.text();
  },
});

/** Large answers to queries, and what is served by other paths. */
export const ANSWERS: readonly Case[] = [
  query(
    `comparisons of ${FULL_EVENTS} events with 2,000 statements each`,
    (run) =>
      `{ ${times(FULL_EVENTS, (i) => `r${run}x${i}: event(slug: "event-${i + 1}") { comparisonRowCount }`)} }`,
  ),
  query(
    'a large answer of small values',
    (run) => `{ r${run}: statements(first: 100) { nodes { ${times(95, (i) => `a${i}: slug`)} ${FIELDS} } }
      ${times(3, (k) => `s${k}: statements(first: 100) { nodes { ${times(1, () => '...F')} } }`)} }
      fragment F on Statement { id ${FIELDS} position speakers { id slug name kind } topics { stance topic { id slug name } } source { id slug title url } }`,
  ),
  query(
    'a large answer of many lists',
    (run) =>
      `{ ${times(11, (k) => `r${run}x${k}: statements(first: 100) { nodes { speakers { slug name kind } topics { stance topic { slug name } } } }`)} }`,
  ),
  query(
    'a large answer of long texts',
    (run) => `{ r${run}: statements(first: 100) { nodes { ${times(99, (i) => `a${i}: text`)} } } }`,
  ),
  query(
    '90 names of a list of actors',
    (run) =>
      `{ r${run}: actors(first: 100) { nodes { ${times(90, (i) => `a${i}: name`)} aliases { name } } } }`,
  ),
  query(
    'revisions and links of 100 statements',
    (run) => `{ r${run}: statements(first: 100) { nodes { slug revisions { position } links { kind } } } }`,
  ),
  reading('an export of everything', () => '/export.jsonl'),
  reading('a compressed export of everything', () => '/export.jsonl', { 'accept-encoding': 'br' }),
  reading('an export of the history', () => '/export.jsonl?content=history'),
  reading('a table of all statements', () => '/export.csv'),
  reading('a table of all actors', () => '/export.csv?of=actors'),
  reading('the schema as text', (run) => `/schema.graphql?r=${run}`),
  reading('the metrics', () => '/metrics'),
  reading('the reader page', (run) => `/?r=${run}`, { accept: 'text/html' }),
  reading('a path of 8 kB', (run) => `/${run}/${'a/'.repeat(4_000)}`),
  reading(
    'a query string of 8 kB',
    (run) => `/graphql?${'a=1&'.repeat(1_900)}r=${run}&query={record{position}}`,
  ),
];
