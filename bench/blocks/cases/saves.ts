import { type Case, type Client, post, recordList, save, saveActors, statement } from '../client.ts';

const repeat = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

const actorOf = (run: number, i: number, names: number) => ({
  slug: `saved-${run}-${i}`,
  name: `Saved Actor ${run} ${i}`,
  kind: 'PERSON',
  aliases: repeat(names, (k) => ({ name: `Name ${run} ${i} Otherwise ${k}` })),
});

/** A statement with many parts: 85 values. */
const fullStatement = (run: number, i: number) => ({
  ...statement(run, i, 900),
  quote: 'q'.repeat(1_900),
  mode: 'DIRECT',
  speakers: repeat(20, (k) => `actor-${k + 1}`),
  addressees: repeat(20, (k) => `actor-${k + 30}`),
  topics: repeat(10, (k) => ({ topic: `topic-${k + 1}`, stance: 'SUPPORTS' })),
  events: repeat(5, (k) => `event-${k + 1}`),
});

/** Saves a list of a noun with a mutation of the name. */
const saving = (name: string, mutation: string, listOf: (run: number) => readonly object[]): Case => ({
  name,
  send: (client, run) => save(client, mutation, listOf(run)),
});

/** Saves a single input. */
const one = (name: string, mutation: string, selection: string, inputOf: (run: number) => object): Case => ({
  name,
  send: (client, run) => saveOne(client, mutation, selection, inputOf(run)),
});

function saveOne(client: Client, mutation: string, selection: string, input: object): Promise<string> {
  const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
  return save(client, mutation, input, `${type}!`, selection);
}

export const SAVES: readonly Case[] = [
  {
    name: '500 statements of 3 kB to record',
    send: (client, run) =>
      recordList(
        client,
        repeat(500, (i) => fullStatement(run, i)),
      ),
  },
  {
    name: 'the same 500 statements of 3 kB again',
    send: (client) =>
      recordList(
        client,
        repeat(500, (i) => ({ ...fullStatement(0, i), slug: `again-${i}`, key: `again-${i}` })),
      ),
  },
  {
    name: '500 statements of 8 kB in another script to record',
    send: (client, run) =>
      recordList(
        client,
        repeat(500, (i) => ({
          ...statement(run, i, 100),
          quote: `${i} ${'слово '.repeat(600)}`,
          mode: 'DIRECT',
        })),
      ),
  },
  {
    name: '500 statements with 8 anchors each to record',
    send: (client, run) =>
      recordList(
        client,
        repeat(500, (i) => ({
          ...statement(run, i, 100),
          anchors: repeat(8, (k) => ({
            ...{ start: 10 * k, end: 10 * k + 5, digest: 'a'.repeat(64), exact: 'words', role: 'CONTENT' },
            ...{ prefix: 'before', suffix: 'after', page: `${k}`, paragraph: `${k}` },
          })),
        })),
      ),
  },
  {
    name: '500 statements with faults in all parts',
    send: (client, run) =>
      recordList(
        client,
        repeat(500, (i) => ({
          ...fullStatement(run, i),
          speakers: repeat(20, (k) => `unknown-${run}-${i}-${k}`),
          addressees: repeat(20, () => 'Not A Slug'),
        })),
      ),
  },
  {
    name: '500 statements, the last of the wrong type',
    send: (client, run) =>
      recordList(client, [
        ...repeat(499, (i) => fullStatement(run, i)),
        { ...fullStatement(run, 499), said: 1 },
      ]),
  },
  {
    name: '500 statements with unknown fields',
    send: (client, run) =>
      recordList(
        client,
        repeat(500, (i) => ({ ...fullStatement(run, i), speekers: [], topix: [], evnts: [] })),
      ),
  },
  {
    name: '500 actors with 40 names each to save',
    send: (client, run) =>
      saveActors(
        client,
        repeat(500, (i) => actorOf(run, i, 39)),
      ),
  },
  {
    name: 'the same 500 actors with 40 names each again',
    send: (client) =>
      saveActors(
        client,
        repeat(500, (i) => actorOf(0, i, 39)),
      ),
  },
  {
    name: '500 actors with 40 names each in Chinese',
    send: (client, run) =>
      saveActors(
        client,
        repeat(500, (i) => ({
          ...actorOf(run, i, 0),
          aliases: repeat(39, (k) => ({ name: `${'中华人民共和国外交部'.repeat(3)}${run} ${i} ${k}` })),
        })),
      ),
  },
  {
    name: '500 actors with 17 affiliations each to save',
    send: (client, run) =>
      saveActors(
        client,
        repeat(500, (i) => ({
          ...actorOf(run, i, 0),
          affiliations: repeat(17, (k) => ({
            in: `actor-${2 + 3 * k}`,
            role: `Role ${k}`,
            from: '2001',
            to: '2002',
          })),
        })),
      ),
  },
  {
    name: '500 actors with descriptions of 2,000 characters',
    send: (client, run) =>
      saveActors(
        client,
        repeat(500, (i) => ({ ...actorOf(run, i, 0), description: 'описание '.repeat(220) })),
      ),
  },
  {
    name: '500 actors whose names have 200 characters',
    send: (client, run) =>
      saveActors(
        client,
        repeat(500, (i) => ({
          ...actorOf(run, i, 0),
          aliases: repeat(30, (k) => ({ name: `${run} ${i} ${k} ${'ab '.repeat(60)}` })),
        })),
      ),
  },
  {
    name: '500 actors of which each has changed since',
    send: (client, run) =>
      saveActors(
        client,
        repeat(500, (i) => ({ ...actorOf(run, i, 30), ifPosition: '7' })),
      ),
  },
  saving('500 topics with 30 identifiers each to save', 'saveTopics', (run) =>
    repeat(500, (i) => ({
      ...{ slug: `topic-${run}-${i}`, name: `Topic ${run} ${i}`, description: 'about it '.repeat(200) },
      identifiers: repeat(30, (k) => ({ scheme: 'wikidata', value: `Q${run}x${i}x${k}` })),
    })),
  ),
  saving('500 events with 90 participants each to save', 'saveEvents', (run) =>
    repeat(500, (i) => ({
      ...{ slug: `event-${run}-${i}`, name: `Event ${run} ${i}`, kind: 'MEETING', date: '2025-07-01' },
      participants: repeat(90, (k) => `actor-${k + 1}`),
    })),
  ),
  saving('3 sources with texts of a million characters to save', 'saveSources', (run) =>
    repeat(3, (i) => ({
      slug: `source-${run}-${i}`,
      title: `Source ${run} ${i}`,
      text: `${run % 10_000} слово `.repeat(80_000),
    })),
  ),
  saving('500 sources with texts of 7,000 characters to save', 'saveSources', (run) =>
    repeat(500, (i) => ({
      slug: `short-${run}-${i}`,
      title: `Source ${run} ${i}`,
      text: `${run % 10_000} `.repeat(1_000),
    })),
  ),
  one('a collection of 1,000 files', 'saveCollection', 'collection { slug }', (run) => ({
    ...{ slug: `collection-${run}`, title: 'Files' },
    files: repeat(1_000, (k) => ({ name: `${'file'.repeat(60)}${k}`, digest: 'a'.repeat(64), length: k })),
  })),
  one('an event with 1,000 participants', 'saveEvent', 'event { slug }', (run) => ({
    ...{ slug: `full-${run}`, name: 'Full', kind: 'MEETING', date: '2025-07-01' },
    participants: repeat(300, (k) => `actor-${k + 1}`),
  })),
  one('an actor of 49,000 values', 'saveActor', 'actor { slug }', (run) => ({
    ...{ slug: `wide-${run}`, name: 'Wide', kind: 'PERSON' },
    aliases: repeat(1_000, (k) => ({
      name: `${k}`,
      language: 'en',
      metonym: false,
      from: '2001',
      to: '2002',
    })),
    affiliations: repeat(1_000, (k) => ({ in: `actor-${k}`, role: `${k}`, from: '2001', to: '2002' })),
    identifiers: repeat(1_000, (k) => ({ scheme: 'wikidata', value: `${k}` })),
  })),
  {
    name: '30 mutations that save 500 actors each',
    send: (client, run) => {
      const names = repeat(30, (n) => `v${n}`);
      const query = `mutation (${names.map((name) => `$${name}: [SaveActorInput!]!`).join(' ')}) { ${names.map((name) => `${name}: saveActors(input: $${name}) { actors { slug } }`).join(' ')} }`;
      const variables = Object.fromEntries(
        names.map((name, n) => [
          name,
          repeat(300, (i) => ({ slug: `many-${run}-${n}-${i}`, name: 'A', kind: 'PERSON' })),
        ]),
      );
      return post(client, { query, variables }, { authorization: `Bearer ${client.token}` });
    },
  },
];
