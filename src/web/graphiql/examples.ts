/** An operation document that works against the seeded record, ready to run. */
export interface Example {
  /** Names the example in a link, `?example=search`, and its files. */
  readonly name: string;
  /** What it shows, in a few words. A tab is named after the first operation of the document. */
  readonly title: string;
  /** GraphQL document, with a comment that says what to look at. The first operation is the one to run first. */
  readonly query: string;
  /** Indented JSON, or empty. */
  readonly variables: string;
  /** Whether it needs a recorder's token. */
  readonly writes: boolean;
}

const FILES = import.meta.glob<string>('./examples/*', { query: '?raw', import: 'default', eager: true });

/**
 * The titles of the examples, in the order in which to read them. All but `revise` and `retract` run as they are. Those two
 * take the id and position of a statement from the answer of `record`, or of their own operation `Newest`.
 */
const TITLES = {
  compare: 'Compare the accounts of the call',
  search: 'Search',
  names: 'Find names in any script',
  positions: 'Positions of an actor',
  counts: 'Count by topic and stance',
  attributed: 'What the Kremlin reports that both agreed',
  sides: 'Sides, accounts, offices and contradictions',
  follow: 'Follow live',
  'load-then-follow': 'Load, then follow',
  record: 'Record a statement',
  revise: 'Revise it',
  retract: 'Retract it',
  mentions: 'Record what an unnamed speaker said',
  save: 'Save an actor, field by field',
  collect: 'Save a collection',
  merge: 'Merge two actors',
};

export const examples: readonly Example[] = Object.entries(TITLES).map(([name, title]) => {
  const query = FILES[`./examples/${name}.graphql`]?.trimEnd() ?? '';
  const variables = FILES[`./examples/${name}.json`]?.trimEnd() ?? '';
  return { name, title, query, variables, writes: /^mutation\b/m.test(query) };
});
