import type { Prisma } from '../../src/db/client.ts';
import type { Transaction } from '../../src/db/sql.ts';
import { saveActors } from '../../src/domain/actor.ts';
import { saveEvents } from '../../src/domain/event.ts';
import { saveSources } from '../../src/domain/source.ts';
import { type Recorded, recordStatements } from '../../src/domain/statement/record/record.ts';
import { saveTopics } from '../../src/domain/topic.ts';

/** What a statement of a test can refer to. The topics stand below one another: peace, truce, prisoners; trade alone. */
export const WORLD = {
  actors: ['anna', 'boris', 'clara', 'daily-news'],
  topics: ['peace', 'truce', 'prisoners', 'trade'],
  sources: ['first-source', 'second-source'],
  events: ['talks', 'summit'],
} as const;

const PARENTS: Readonly<Record<string, string>> = { truce: 'peace', prisoners: 'truce' };

/** Fills an empty record with the things of `WORLD`, each with its change in the log. */
export async function makeWorld(prisma: Prisma): Promise<void> {
  const by = 'world';
  await prisma.$transaction(async (tx) => {
    const actors = WORLD.actors.map((slug) => {
      const kind = slug === 'daily-news' ? 'OUTLET' : 'PERSON';
      return { slug, name: slug, kind };
    });
    await saveActors(tx, actors, by);
    const topics = WORLD.topics.map((slug) => {
      const proposition = slug === 'trade' ? undefined : `There should be ${slug}.`;
      return { slug, name: slug, proposition, parent: PARENTS[slug] };
    });
    await saveTopics(tx, topics, by);
    const sources = WORLD.sources.map((slug) => ({ slug, title: slug }));
    await saveSources(tx, sources, by);
    const events = WORLD.events.map((slug) => ({ slug, name: slug, kind: 'MEETING', date: '2025-07-01' }));
    await saveEvents(tx, events, by);
  });
}

/** The input of a statement that is right; `fields` replace some. */
export function statementInput(fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    text: 'Anna says that a truce is near.',
    mode: 'INDIRECT',
    act: 'STATE',
    speakers: ['anna'],
    said: '2025-07-01',
    source: 'first-source',
    ...fields,
  };
}

/** Records one statement. */
export async function record(
  db: { readonly prisma: Prisma | Transaction },
  fields: Readonly<Record<string, unknown>> = {},
  by = 'test',
): Promise<Recorded> {
  const [recorded] = await recordStatements(db.prisma, [statementInput(fields)], by);
  return recorded as Recorded;
}
