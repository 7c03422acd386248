import type { Case, Client } from '../client.ts';

const ESCAPED_LENGTH = 1_990_000;

/** Imports a body, and answers the end of the report. */
async function send({ origin, token }: Client, body: string, parameters: string): Promise<string> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${origin}/import?${parameters}`, { method: 'POST', headers, body });
  return (await response.text()).trimEnd().split('\n').at(-1) ?? '';
}

/** An import of each run's body. A dry run leaves the record as it is. */
const importing = (name: string, parameters: string, bodyOf: (run: number) => string): Case => ({
  name,
  send: (client, run) => send(client, bodyOf(run), parameters),
});

const repeat = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));
const lines = (count: number, make: (i: number) => unknown): string =>
  repeat(count, (i) => JSON.stringify(make(i))).join('\n');

const actorOf = (run: number, i: number, names: number) => ({
  slug: `imported-${run}-${i}`,
  name: `Imported Actor ${run} ${i}`,
  kind: 'PERSON',
  aliases: repeat(names, (k) => ({ name: `Name ${run} ${i} Otherwise ${k}`, language: 'en', from: '2001' })),
});

const statementOf = (run: number, i: number) => ({
  key: `imported-${run}-${i}`,
  text: `Statement ${run} ${i} ${'word '.repeat(150)}`,
  quote: 'quote '.repeat(1_500),
  mode: 'DIRECT',
  act: 'STATE',
  speakers: repeat(50, (k) => `actor-${k + 1}`),
  addressees: repeat(50, (k) => `actor-${k + 60}`),
  topics: repeat(20, (k) => ({ topic: `topic-${k + 1}` })),
  anchors: repeat(50, (k) => ({ page: `${k}`, paragraph: `${k + 1}` })),
  said: '2025-07-01',
  source: 'source-1',
});

/** A source whose text has nothing but escapes. */
const escapedSource = (run: number, i: number): string =>
  `{"source":{"slug":"escaped-${run}-${i}","title":"Escaped","text":"${'\\u00e9'.repeat(ESCAPED_LENGTH / 2)}"}}`;

export const IMPORTS: readonly Case[] = [
  importing('an import of 1,500 actors with 90 names', '', (run) =>
    lines(1_500, (i) => ({ actor: actorOf(run, i, 90) })),
  ),
  importing('an import of 1,500 actors with 90 names each twice', 'dryRun=true', (run) =>
    [0, 1].map(() => lines(750, (i) => ({ actor: actorOf(run, i, 90) }))).join('\n'),
  ),
  importing('an import of 3,000 actors with 100 affiliations', 'dryRun=true', (run) =>
    lines(3_000, (i) => ({
      actor: {
        ...actorOf(run, i, 0),
        affiliations: repeat(100, (k) => ({
          in: `actor-${2 + 3 * k}`,
          role: `Role ${k}`,
          from: '2001',
          to: '2002',
        })),
      },
    })),
  ),
  importing(
    'an import of actors that recognises',
    'dryRun=true',
    (run) =>
      `${JSON.stringify({ readout: 1, recognise: true })}\n${lines(1_500, (i) => ({ actor: actorOf(run, i, 90) }))}`,
  ),
  importing(
    'a table of 1,500 actors with 90 names',
    'format=csv',
    (run) =>
      `actor.slug,actor.name,actor.kind,actor.alias.name\n${repeat(1_500, (i) => `table-${run}-${i},Table Actor ${run} ${i},PERSON,${repeat(90, (k) => `Name ${run} ${i} Otherwise ${k}`).join(';')}`).join('\n')}`,
  ),
  importing(
    'YAML of 700 actors with 90 names',
    'format=seed',
    (run) =>
      `actors:\n${repeat(700, (i) => `  - slug: yaml-${run}-${i}\n    name: Yaml Actor ${run} ${i}\n    kind: PERSON\n    aliases:\n${repeat(90, (k) => `      - name: Name ${run} ${i} Otherwise ${k}\n`).join('')}`).join('')}`,
  ),
  importing('an import of 1,000 statements with all their parts', 'dryRun=true', (run) =>
    lines(1_000, (i) => ({ statement: statementOf(run, i) })),
  ),
  importing('an import of statements with faults everywhere', '', (run) =>
    lines(1_000, (i) => ({
      statement: {
        ...statementOf(run, i),
        speakers: repeat(1_000, () => 'Not A Slug'),
        topics: repeat(500, () => 1),
      },
    })),
  ),
  importing('an import of lines with unknown fields', '', () =>
    lines(20, () => ({ actor: Object.fromEntries(repeat(5_000, (k) => [`f${k}`, {}])) })),
  ),
  importing('an import of lines of 50,000 values', '', () =>
    lines(10, () => ({ actor: repeat(49_000, () => ({})) })),
  ),
  importing('an import of lines of 50,000 names', '', () =>
    lines(10, (i) => ({
      actor: { ...actorOf(0, i, 0), aliases: repeat(20_000, (k) => ({ name: `${k}` })) },
    })),
  ),
  importing('an import of texts of a million characters', 'dryRun=true', (run) =>
    lines(6, (i) => ({
      source: { slug: `long-${run}-${i}`, title: 'Long', text: 'выход '.repeat(160_000) },
    })),
  ),
  importing('an import of texts of a million astral characters', 'dryRun=true', (run) =>
    lines(4, (i) => ({ source: { slug: `long-${run}-${i}`, title: 'Long', text: '😀'.repeat(999_000) } })),
  ),
  importing('an import of a line of 12 MB of escapes', 'dryRun=true', (run) => escapedSource(run, 0)),
  importing('an import of 3 lines of 12 MB of escapes', 'dryRun=true', (run) =>
    repeat(3, (i) => escapedSource(run, i)).join('\n'),
  ),
  importing('an import of a million empty lines', '', () => '\n'.repeat(1_000_000)),
  importing('an import of 200,000 lines of brackets', '', () => '[]\n'.repeat(200_000)),
];
