import type { Database, Prisma } from '../../src/db/client.ts';
import { saveActor } from '../../src/domain/actor.ts';
import { saveEvent } from '../../src/domain/event.ts';
import { saveSource } from '../../src/domain/source.ts';
import { type Recorded, recordStatements } from '../../src/domain/statement/record.ts';
import { saveTopic } from '../../src/domain/topic.ts';

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
    for (const slug of WORLD.actors) {
      const kind = slug === 'daily-news' ? 'OUTLET' : 'PERSON';
      await saveActor(tx, { slug, name: slug, kind }, by);
    }
    for (const slug of WORLD.topics) {
      const proposition = slug === 'trade' ? undefined : `There should be ${slug}.`;
      await saveTopic(tx, { slug, name: slug, proposition, parent: PARENTS[slug] }, by);
    }
    for (const slug of WORLD.sources) await saveSource(tx, { slug, title: slug }, by);
    for (const slug of WORLD.events) {
      await saveEvent(tx, { slug, name: slug, kind: 'MEETING', date: '2025-07-01' }, by);
    }
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
  db: Pick<Database, 'prisma'>,
  fields: Readonly<Record<string, unknown>> = {},
  by = 'test',
): Promise<Recorded> {
  const [recorded] = await recordStatements(db.prisma, [statementInput(fields)], by);
  return recorded as Recorded;
}
