import type { InputPath } from '../../base/errors.ts';
import type { Queryable } from '../../db/sql.ts';
import { ACTOR } from '../../domain/actor.ts';
import { EVENT } from '../../domain/event.ts';
import { type StatementInput, statementInput } from '../../domain/input/statement.ts';
import { readContents } from '../../domain/save/former.ts';
import type { NounRules, Patch } from '../../domain/save/rules.ts';
import { changedFields } from '../../domain/save/save.ts';
import { SOURCE } from '../../domain/source.ts';
import { STATEMENT_CONTENT } from '../../domain/statement/content.ts';
import { TOPIC } from '../../domain/topic.ts';
import type { SeedEntry, SeedFile } from './file.ts';

/** An entry of a seed file that the record has with other content. */
interface Difference {
  readonly path: InputPath;
  readonly message: string;
}

/** $1 slugs. */
const READ_STATEMENTS = `SELECT s.slug, ${STATEMENT_CONTENT} AS content
  FROM statement s JOIN source ON source.id = s.source_id WHERE s.slug = ANY ($1::text[])`;

/** The links are a set. */
const withLinksInOrder = (content: Patch & Pick<StatementInput, 'links'>): Patch => ({
  ...content,
  links: content.links?.map(({ kind, to }) => `${kind} ${to}`).sort(),
});

function contentOfStatement({ key: _, said, ...input }: StatementInput): Patch {
  return withLinksInOrder({ ...input, said: said.edtf });
}

async function readStatements(db: Queryable, slugs: readonly string[]): Promise<Map<string, Patch>> {
  const rows = await db.$queryRawUnsafe<{ slug: string; content: Patch }[]>(READ_STATEMENTS, slugs);
  return new Map(rows.map(({ slug, content }) => [slug, withLinksInOrder(content)]));
}

/**
 * Compares entries with the record, which has all of them. Nothing is written.
 * @param chunkLength number of entries that are read together.
 */
export async function findDifferences(
  db: Queryable,
  file: SeedFile,
  chunkLength: number,
): Promise<Difference[]> {
  const differences: Difference[] = [];
  const compare = async <T>(
    entries: readonly SeedEntry<T>[],
    shape: NounRules<T>['shape'],
    contentOf: (input: T, slug: string) => Patch,
    read: (slugs: readonly string[]) => Promise<Map<string, Patch>>,
  ): Promise<void> => {
    for (let i = 0; i < entries.length; i += chunkLength) {
      const chunk = entries.slice(i, i + chunkLength);
      const recorded = await read(chunk.map(({ slug }) => slug));
      for (const { slug, input, path } of chunk) {
        const content = recorded.get(slug);
        const changed = content ? changedFields(shape, content, contentOf(input, slug)) : [];
        if (changed.length === 0) continue;
        const message = `differs from the record in ${changed.join(', ')}. The record was not changed.`;
        differences.push({ path, message });
      }
    }
  };
  const compareNoun = <T>(rules: NounRules<T>, entries: readonly SeedEntry<T>[]): Promise<void> =>
    compare(entries, rules.shape, rules.contentOf, async (slugs) => {
      const formers = await readContents(db, rules, slugs);
      return new Map([...formers].map(([slug, { content }]) => [slug, content]));
    });
  await compareNoun(ACTOR, file.actors);
  await compareNoun(TOPIC, file.topics);
  await compareNoun(SOURCE, file.sources);
  await compareNoun(EVENT, file.events);
  await compare(file.statements, statementInput, contentOfStatement, (slugs) => readStatements(db, slugs));
  return differences;
}
