import { parseArgs } from 'node:util';
import { latinForm } from '../src/base/latin.ts';
import { type Database, openDatabase } from '../src/db/client.ts';
import { migrate } from '../src/db/migrate.ts';
import { completeNames } from '../src/domain/save/names.ts';
import { searchNames } from '../src/read/names.ts';
import { cpuMs, median, writeResults } from './measure.ts';
import { misspelt, type Person, people } from './names/people.ts';
import { withTemporaryServer } from './temporaryServer.ts';

/*
 * Searches for actors by name, among actors with names in six scripts: CPU of PostgreSQL and of this process for each search, how long
 * it takes, and how often it finds the actor among the first five. CPU is read from /proc, so on Linux only.
 */
const { values } = parseArgs({
  options: { actors: { type: 'string', default: '20000' }, searches: { type: 'string', default: '120' } },
});
const SEARCHES = Number(values.searches);
const FOUND_AMONG = 5;

/** What is typed to find a person. */
const SEARCHED: Readonly<Record<string, (person: Person, i: number) => string>> = {
  'whole name': ({ name }) => name,
  'in Latin letters': ({ name }) => latinForm(name),
  'last word': ({ name }) => name.split(' ').at(-1) as string,
  misspelt: ({ name }, i) => misspelt(name, i),
  'misspelt, in Latin letters': ({ name }, i) => misspelt(latinForm(name), i),
  'unknown name': (_, i) => `${misspelt('qwertz', i)} ${misspelt('xylopho', i * 3)}`,
};

async function fill(db: Database, persons: readonly Person[]): Promise<void> {
  await db.pool.query(
    `WITH person AS (
       SELECT i::int, name, alias FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS person (name, alias, i)),
     added AS (INSERT INTO actor (id, slug, name, kind) SELECT i, 'person-' || i, name, 'PERSON' FROM person)
     INSERT INTO actor_alias (actor_id, ordinal, name) SELECT i, 0, alias FROM person`,
    [persons.map(({ name }) => name), persons.map(({ alias }) => alias)],
  );
  await completeNames(db.prisma, () => undefined);
  await db.pool.query('VACUUM ANALYZE');
}

await withTemporaryServer('names', async (url) => {
  await migrate(url);
  const db = openDatabase({ url, poolMax: 1, statementTimeoutMs: 60_000 });
  try {
    const persons = people(Number(values.actors));
    await fill(db, persons);
    const { rows } = await db.pool.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const backend = rows[0]?.pid as number;
    const table = [];
    for (const script of new Set(persons.map((person) => person.script))) {
      const own = persons
        .map((person, i) => ({ person, id: i + 1 }))
        .filter(({ person }) => person.script === script);
      for (const [searched, textOf] of Object.entries(SEARCHED)) {
        const ms: number[] = [];
        let found = 0;
        const before = { postgres: await cpuMs(backend), process: process.cpuUsage().user };
        for (let i = 0; i < SEARCHES; i += 1) {
          const { person, id } = own[(i * 7919) % own.length] as (typeof own)[number];
          const startMs = performance.now();
          const ids = await searchNames(db, 'actor', textOf(person, i));
          ms.push(performance.now() - startMs);
          const names = ids.slice(0, FOUND_AMONG).map((of) => persons[of - 1]?.name);
          if (names.includes(person.name) || ids.slice(0, FOUND_AMONG).includes(id)) found += 1;
        }
        const postgres = ((await cpuMs(backend)) - before.postgres) / SEARCHES;
        table.push({
          script,
          searched,
          'PostgreSQL, CPU ms': Number(postgres.toFixed(1)),
          'service, CPU ms': Number(
            ((process.cpuUsage().user - before.process) / 1_000 / SEARCHES).toFixed(1),
          ),
          'ms, median': Number(median(ms).toFixed(1)),
          'ms, highest': Number(Math.max(...ms).toFixed(1)),
          'found, %': Math.round((100 * found) / SEARCHES),
        });
      }
    }
    console.table(table);
    await writeResults('names', table);
  } finally {
    await db.close();
  }
});
