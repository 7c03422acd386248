import { getIntrospectionQuery } from 'graphql';
import { type Case, query, times } from '../client.ts';

const TOKENS = 2_900;
const DOCUMENT_LENGTH = 65_000;

/** Documents that are much work to parse, to check or to price. */
export const DOCUMENTS: readonly Case[] = [
  query('the whole schema', (run) => getIntrospectionQuery().replace('IntrospectionQuery', `Q${run}`)),
  query('the whole schema as often as it can be asked for', (run) => {
    const fields =
      '{ name kind description fields(includeDeprecated: true) { name args { name type { name } } } }';
    return `query Q${run} { __schema { ${times(6, (i) => (i === 0 ? `types ${fields}` : `t${i}: types ${fields}`))} } }`;
  }),
  query(
    'the same 95 fields in 15 places',
    (run) =>
      `{ ${times(15, () => 'record { ...F }')} r${run}: record { ...F } } fragment F on Record { ${times(95, (i) => `a${i}: position`)} }`,
  ),
  query(
    '3,000 tokens of unknown fields',
    (run) => `{ r${run}: record { ${times(TOKENS, (i) => `positiom${i}`)} } }`,
  ),
  query(
    '3,000 tokens in a list',
    (run) =>
      `{ r${run}: nodes(ids: [${times(490, (i) => `"${i}"`, ',')}]) { id } ${times(5, (k) => `s${k}: statements(filter: { speakers: [${times(480, (i) => `"a${i}"`, ',')}] }) { totalCount }`)} }`,
  ),
  query(
    '270 fragments, each in the one before',
    (run) =>
      `query Q${run} { record { ...F0 } } ${times(270, (i) => `fragment F${i} on Record { position ...F${i + 1} }`)} fragment F270 on Record { position }`,
  ),
  query(
    '270 fragments in one place',
    (run) =>
      `query Q${run} { record { ${times(270, (i) => `...F${i}`)} } } ${times(270, (i) => `fragment F${i} on Record { position }`)}`,
  ),
  query(
    '17 fragments that contain one another twice',
    (run) =>
      `query Q${run} { record { ...F0 } } ${times(17, (i) => `fragment F${i} on Record { ...F${i + 1} ...F${i + 1} }`)} fragment F17 on Record { position }`,
  ),
  query(
    'a circle of 300 fragments',
    (run) =>
      `query Q${run} { record { ...F0 } } ${times(300, (i) => `fragment F${i} on Record { ...F${(i + 1) % 300} }`)}`,
  ),
  query(
    'fields of one name with arguments that differ',
    (run) => `query Q${run} { ${times(230, (i) => `a: actor(slug: "${i}") { slug }`)} }`,
  ),
  query(
    'fields of one name in 200 fragments',
    (run) =>
      `query Q${run} { record { ${times(200, (i) => `...F${i}`)} } } ${times(200, (i) => `fragment F${i} on Record { a: ${i % 2 === 0 ? 'position' : 'cursor'} }`)}`,
  ),
  query(
    '500 variables that nothing uses',
    (run) => `query Q${run}(${times(500, (i) => `$v${i}: [String!]`)}) { record { position } }`,
  ),
  query(
    '400 variables that nothing declares',
    (run) => `query Q${run} { nodes(ids: [${times(400, (i) => `$v${i}`)}]) { id } }`,
  ),
  query(
    'a default of nested lists',
    (run) =>
      `query Q${run}($f: StatementFilter = { any: [${times(300, () => '{ not: { not: {} } }', ',')}] }) { statements(filter: $f) { totalCount } }`,
  ),
  query(
    '1,400 lists in one another',
    (run) => `query Q${run} { nodes(ids: ${'['.repeat(1_400)}${']'.repeat(1_400)}) { id } }`,
  ),
  query(
    '1,400 selections in one another',
    (run) => `query Q${run} ${'{ a '.repeat(1_400)}${'}'.repeat(1_400)}`,
  ),
  query(
    '64 kB of comments',
    (run) => `${'#c\n'.repeat(DOCUMENT_LENGTH / 3)}query Q${run} { record { position } }`,
  ),
  query('64 kB of commas', (run) => `query Q${run} { record { position${','.repeat(DOCUMENT_LENGTH)} } }`),
  query(
    'a block string of 64 kB',
    (run) => `query Q${run} { actor(slug: """${'\n  a'.repeat(DOCUMENT_LENGTH / 4)}""") { slug } }`,
  ),
  query(
    'a string of 64 kB of escapes',
    (run) => `query Q${run} { actor(slug: "${'\\u0061'.repeat(DOCUMENT_LENGTH / 6)}") { slug } }`,
  ),
  query('a name of 64 kB', (run) => `query Q${run} { ${'a'.repeat(DOCUMENT_LENGTH)} }`),
  query('20 operations of 45 fields', (run) =>
    times(
      20,
      (i) => `query Q${run}x${i} { record { ${times(45, (k) => `position @include(if: ${k < 2})`)} } }`,
    ),
  ),
  query(
    '90 aliases of the most expensive list',
    (run) => `query Q${run} { ${times(29, (i) => `a${i}: statements(first: 1) { totalCount }`)} }`,
  ),
  query(
    '150 types that an id can have',
    (run) =>
      `query Q${run} { node(id: "x") { ${times(150, (i) => `... on ${i % 2 ? 'Actor' : 'Statement'} { id slug }`)} } }`,
  ),
  query('24 kB that are no GraphQL', (run) => `query Q${run} { ${'%'.repeat(24_000)} }`),
  query(
    'an id of a document of 64 kB',
    () => '',
    () => ({}),
    (run) => ({
      extensions: { persistedQuery: { version: 1, sha256Hash: `${run}${'a'.repeat(60_000)}` } },
    }),
  ),
];
