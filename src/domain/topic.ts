import { ReadoutError } from '../base/errors.ts';
import type { Transaction } from '../db/client.ts';
import { appendChange } from '../log/append.ts';
import { topicDigest } from './content.ts';
import { refuseFaults } from './input/fault.ts';
import type { TopicInput } from './input/input.ts';
import { References } from './input/reference.ts';
import { writeNames } from './names.ts';
import { type Saved, sameContent, slugOf } from './save.ts';

async function refuseCycle(tx: Transaction, id: number, parentId: number): Promise<void> {
  // The table's trigger takes the same lock. It is taken before the read, so that moves by other transactions are visible.
  await tx.$executeRawUnsafe(`SELECT pg_advisory_xact_lock(hashtext('readout topic tree'))`);
  const rows = await tx.$queryRawUnsafe<{ id: number }[]>(
    `WITH RECURSIVE above AS (
       SELECT id, parent_id FROM topic WHERE id = $1
       UNION SELECT topic.id, topic.parent_id FROM topic JOIN above ON topic.id = above.parent_id
     ) SELECT id FROM above WHERE id = $2`,
    parentId,
    id,
  );
  if (rows.length > 0) {
    refuseFaults([
      { path: ['input', 'parent'], message: 'is below this topic; a topic can’t be its own ancestor' },
    ]);
  }
}

async function refuseLostProposition(tx: Transaction, id: number): Promise<void> {
  const stance = await tx.statementTopic.findFirst({ where: { topicId: id, stance: { not: null } } });
  if (stance) {
    throw new ReadoutError(
      'CONFLICT',
      'Statements take a stance on this topic’s proposition. You can reword it but not remove it.',
      ['input', 'proposition'],
    );
  }
}

/** SQL of a topic, the row `t`, as JSON in the shape of its input. */
export const TOPIC_CONTENT = `json_build_object('slug', t.slug, 'name', t.name, 'description', t.description, 'proposition', t.proposition,
  'parent', (SELECT slug FROM topic WHERE id = t.parent_id))`;

/**
 * Creates the topic, or replaces the one with this slug as a whole. Writes nothing if nothing differs.
 * @throws ReadoutError INVALID_INPUT if the parent is unknown or below the topic; CONFLICT if the slug made from the
 *   name is taken, or if the proposition would be removed although statements take a stance on it.
 */
export async function saveTopic(tx: Transaction, input: TopicInput, by: string): Promise<Saved> {
  const known = (slug: string) => tx.topic.findUnique({ where: { slug } });
  const slug = await slugOf(input.slug, input.name, async (candidate) => (await known(candidate)) !== null);
  const references = new References();
  if (input.parent) references.want('topic', input.parent, ['input', 'parent']);
  await references.find(tx);
  refuseFaults(references.faults());

  const before = await known(slug);
  const row = {
    slug,
    name: input.name,
    description: input.description ?? null,
    proposition: input.proposition ?? null,
    parentId: input.parent ? references.id('topic', input.parent) : null,
  };
  if (before && sameContent(before, row)) return { id: before.id, position: null, created: false };
  if (before && row.parentId !== null) await refuseCycle(tx, before.id, row.parentId);
  if (before?.proposition && !row.proposition) await refuseLostProposition(tx, before.id);

  const { id } = before
    ? await tx.topic.update({ where: { id: before.id }, data: row })
    : await tx.topic.create({ data: row });
  if (before?.name !== row.name) await writeNames(tx, 'topic', id, [row.name]);
  const kind = before ? 'TOPIC_REVISED' : 'TOPIC_ADDED';
  const change = { kind, subject: 'topic', id, by, contentDigest: topicDigest({ ...input, slug }) } as const;
  return { id, position: await appendChange(tx, change), created: !before };
}
