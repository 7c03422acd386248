import { ReadoutError } from '../base/errors.ts';
import type { Transaction } from '../db/sql.ts';
import { topicDigest } from './content.ts';
import { identifierFaults, identifiersSql, refuseTakenIdentifiers, writeIdentifiers } from './identifier.ts';
import { refuseFaults } from './input/fault.ts';
import { type TopicInput, topicInput } from './input/noun.ts';
import { WITHDRAWAL } from './save/former.ts';
import { ITEMS, itemsJson, type Parts, writeParts } from './save/rows.ts';
import type { NounRules, Patch, SavedEntry } from './save/rules.ts';
import { type SaveOptions, saveEntries } from './save/save.ts';

type Entries = readonly SavedEntry<TopicInput>[];

/** $1 slugs. Each topic above them, with its parent. */
const READ_ABOVE = `
WITH RECURSIVE above AS (
  SELECT id, slug, parent_id FROM topic WHERE slug = ANY ($1::text[])
  UNION SELECT topic.id, topic.slug, topic.parent_id FROM topic JOIN above ON topic.id = above.parent_id)
SELECT above.slug, parent.slug AS parent FROM above JOIN topic parent ON parent.id = above.parent_id`;

/** Refuses topics that would be their own ancestors, by the tree as it is after the save. */
async function refuseCycles(tx: Transaction, entries: Entries): Promise<void> {
  const moved = entries.filter(({ input, changed }) => input.parent && changed.includes('parent'));
  if (moved.length === 0) return;
  // The table's trigger takes the same lock. It is taken before the read, so that moves by other transactions are visible.
  await tx.$executeRawUnsafe(`SELECT pg_advisory_xact_lock(hashtext('readout topic tree'))`);
  const rows = await tx.$queryRawUnsafe<{ slug: string; parent: string }[]>(
    READ_ABOVE,
    moved.map(({ input }) => input.parent),
  );
  const parents = new Map<string, string | undefined>(rows.map(({ slug, parent }) => [slug, parent]));
  for (const { content, input } of entries) parents.set(content.slug, input.parent);
  const isBelowItself = (slug: string): boolean => {
    const seen = new Set<string>();
    let above = parents.get(slug);
    while (above !== undefined && above !== slug && !seen.has(above)) {
      seen.add(above);
      above = parents.get(above);
    }
    return above === slug;
  };
  refuseFaults(
    moved
      .filter(({ content }) => isBelowItself(content.slug))
      .map(({ path }) => ({
        path: [...path, 'parent'],
        message: 'is below this topic; a topic can’t be its own ancestor',
      })),
  );
}

/** $1 ids of topics. One on whose proposition a statement takes a stance. */
const FIND_STANCE = `SELECT topic_id AS "topicId" FROM statement_topic WHERE topic_id = ANY ($1::int[]) AND stance IS NOT NULL LIMIT 1`;

async function refuseLostPropositions(tx: Transaction, entries: Entries): Promise<void> {
  const lost = entries.filter(({ former, input }) => former?.content.proposition && !input.proposition);
  if (lost.length === 0) return;
  const ids = lost.flatMap(({ former }) => former?.id ?? []);
  const [stance] = await tx.$queryRawUnsafe<{ topicId: number }[]>(FIND_STANCE, ids);
  if (!stance) return;
  const entry = lost.find(({ former }) => former?.id === stance.topicId);
  throw new ReadoutError(
    'CONFLICT',
    'Statements take a stance on this topic’s proposition. You can reword it but not remove it.',
    [...(entry?.path ?? []), 'proposition'],
  );
}

/** SQL of a topic, the row `t`, as JSON in the shape of its input. */
export const TOPIC_CONTENT = `json_build_object('slug', t.slug, 'name', t.name, 'description', t.description, 'proposition', t.proposition,
  'parent', (SELECT slug FROM topic WHERE id = t.parent_id), 'identifiers', ${identifiersSql('topic')}, ${WITHDRAWAL})`;

/** $1 items, new ones with `parentId`. Topics that the record has keep their parents. */
const WRITE_TOPICS = `
WITH ${ITEMS},
  added AS (
    INSERT INTO topic (id, slug, name, description, proposition, parent_id)
    SELECT id, slug, j ->> 'name', j ->> 'description', j ->> 'proposition', (j -> 'parentId')::int FROM item WHERE is_new ORDER BY n)
UPDATE topic SET name = j ->> 'name', description = j ->> 'description', proposition = j ->> 'proposition'
FROM item WHERE NOT is_new AND topic.id = item.id`;

/** Of topics that the record has. All parents are removed before one is set, so that a list can exchange places in the tree. */
const PARENT: Parts<TopicInput> = {
  field: 'parent',
  clear: 'UPDATE topic SET parent_id = NULL WHERE id = ANY ($1::int[])',
  add: `UPDATE topic SET parent_id = part.parent FROM json_to_recordset($1::json) AS part (id int, parent int)
    WHERE topic.id = part.id`,
};

/** How topics are checked and written. */
export const TOPIC: NounRules<TopicInput> = {
  noun: 'topic',
  shape: topicInput,
  named: 'name',
  namesOf: ({ name }) => [name],
  contentSql: TOPIC_CONTENT,
  visitReferences({ parent }, path, want) {
    if (parent) want('topic', parent, [...path, 'parent']);
  },
  contentOf: (input, slug) => ({ ...input, slug }),
  digestOf: topicDigest,
  faults: identifierFaults,
  async check(tx, entries) {
    await refuseTakenIdentifiers(tx, 'topic', entries);
    await refuseCycles(tx, entries);
    await refuseLostPropositions(tx, entries);
  },
  async write(tx, entries, idOf) {
    const parentId = ({ parent }: TopicInput) => (parent ? idOf('topic', parent) : undefined);
    await tx.$executeRawUnsafe(
      WRITE_TOPICS,
      itemsJson(entries, (input) => ({ parentId: parentId(input) })),
    );
    const former = entries.filter((entry) => entry.former);
    await writeParts(tx, former, PARENT, (input) => (input.parent ? [{ parent: parentId(input) }] : []));
    await writeIdentifiers(tx, 'topic', entries);
  },
};

/** Creates or changes topics, as `saveEntries` describes. @throws ReadoutError CONFLICT for a proposition that statements need. */
export const saveTopics = (tx: Transaction, patches: readonly Patch[], by: string, options?: SaveOptions) =>
  saveEntries(tx, TOPIC, patches, by, options);
