import { readFileSync } from 'node:fs';

/** One operation document that works against the seeded record, ready to run. */
export interface Example {
  /** What it shows, in a few words. A tab itself is named after the first operation of the document. */
  readonly title: string;
  /** File name of the document, in this folder. */
  readonly file: string;
  /** GraphQL document, with a comment that says what to look at. The first operation is the one to run first. */
  readonly query: string;
  /** Variables as indented JSON, where the document has any. */
  readonly variables?: string;
  /** True where a recorder's token is needed. */
  readonly needsToken: boolean;
}

// The compiler leaves the documents where they are, so from `dist` too they are read from `src`.
const folder = new URL('../../../../src/http/graphiql/examples/', import.meta.url);

/**
 * The examples in the order in which they are to be read. All but `revise` and `retract` run as they stand; those
 * two take the id (and position) of a statement from the answer of `record`, or of their own operation `Newest`.
 */
export const examples: readonly Example[] = [
  { title: 'Compare the accounts of the call', ...document('compare.graphql'), needsToken: false },
  {
    title: 'Search',
    ...document('search.graphql'),
    variables: text('search.json'),
    needsToken: false,
  },
  { title: 'Positions of an actor', ...document('positions.graphql'), needsToken: false },
  {
    title: 'What the Kremlin reports that both agreed',
    ...document('attributed.graphql'),
    needsToken: false,
  },
  { title: 'Follow live', ...document('follow.graphql'), needsToken: false },
  {
    title: 'Load, then follow',
    ...document('load-then-follow.graphql'),
    variables: text('load-then-follow.json'),
    needsToken: false,
  },
  {
    title: 'Record a statement',
    ...document('record.graphql'),
    variables: text('record.json'),
    needsToken: true,
  },
  {
    title: 'Revise it',
    ...document('revise.graphql'),
    variables: text('revise.json'),
    needsToken: true,
  },
  {
    title: 'Retract it',
    ...document('retract.graphql'),
    variables: text('retract.json'),
    needsToken: true,
  },
];

function document(file: string): Pick<Example, 'file' | 'query'> {
  return { file, query: text(file) };
}

function text(file: string): string {
  return readFileSync(new URL(file, folder), 'utf8').trimEnd();
}
