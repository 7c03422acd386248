import { statementInput } from '../domain/input/statement.ts';
import { STATEMENT_CONTENT } from '../domain/statement/content.ts';
import type { EntryFields } from '../import/cells.ts';
import { groupBy } from '../read/group.ts';
import { collectionSlugSql } from './collection.ts';
import { entryWriter } from './entry.ts';
import { type ExportedLink, type LinkedStatement, LinkOrder } from './linkOrder.ts';
import type { Selection } from './selection.ts';
import type { RecordSnapshot } from './snapshot.ts';

const PAGE_LENGTH = 200;

/** $1 ids. */
const READ_STATEMENTS = `
  SELECT s.id, s.key, ${STATEMENT_CONTENT} AS content, ${collectionSlugSql('s')} AS collection
  FROM statement s JOIN source ON source.id = s.source_id WHERE s.id = ANY ($1::int[])`;

/** A statement in the shape of its input. */
export const writeStatement = entryWriter(statementInput);

/** A statement in the shape of its input. */
export interface StatementEntry {
  readonly entry: EntryFields;
  /** Slug of the collection that it belongs to. */
  readonly collection: string | null;
}

interface StatementRow {
  readonly id: number;
  readonly key: string | null;
  readonly collection: string | null;
  readonly content: EntryFields & {
    readonly slug: string;
    readonly links: readonly { readonly to: string }[];
  };
}

/** Number of links from exported statements to statements that are not exported: retracted ones, and those that the filter does not find. */
export async function countCutLinks(
  snapshot: RecordSnapshot,
  { condition, values }: Selection,
): Promise<number> {
  const isExported = (id: string): string =>
    `EXISTS (SELECT FROM statement s WHERE s.id = ${id} AND ${condition})`;
  const [row] = await snapshot.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM statement_link l WHERE NOT ${isExported('l.to_id')} AND ${isExported('l.from_id')}`,
    values,
  );
  return row?.count ?? 0;
}

/**
 * The statements of an export in the shape of their inputs, in lists, each after those that it links to. A link to a statement that is not
 * exported is left out.
 */
export async function* readStatements(
  snapshot: RecordSnapshot,
  selection: Selection,
): AsyncGenerator<StatementEntry[]> {
  const { condition, values } = selection;
  const order = new LinkOrder();
  const added = `SELECT s.id FROM statement s WHERE ${condition} ORDER BY s.added_position`;
  for await (const page of snapshot.pages<{ id: number }>(added, values, PAGE_LENGTH)) {
    const ids = page.map(({ id }) => id);
    const links = groupBy(await readLinks(snapshot, selection, ids), ({ from }) => from);
    yield* readContents(
      snapshot,
      ids.flatMap((id) => order.take(id, links.get(id) ?? [])),
    );
  }
  yield* readContents(snapshot, order.rest());
}

/** The links of statements to exported ones. */
function readLinks(
  snapshot: RecordSnapshot,
  { condition, values }: Selection,
  ids: readonly number[],
): Promise<ExportedLink[]> {
  return snapshot.query<ExportedLink>(
    `SELECT l.from_id AS "from", l.to_id AS "to", s.slug, s.added_position > f.added_position AS "isForward"
     FROM statement_link l JOIN statement f ON f.id = l.from_id JOIN statement s ON s.id = l.to_id
     WHERE l.from_id = ANY ($${values.length + 1}::int[]) AND ${condition}`,
    [...values, ids],
  );
}

async function* readContents(
  snapshot: RecordSnapshot,
  statements: readonly LinkedStatement[],
): AsyncGenerator<StatementEntry[]> {
  for (let i = 0; i < statements.length; i += PAGE_LENGTH) {
    const page = statements.slice(i, i + PAGE_LENGTH);
    const ids = page.map(({ id }) => id);
    const rows = await snapshot.query<StatementRow>(READ_STATEMENTS, [ids], 'export statements');
    const byId = new Map(rows.map((row) => [row.id, row]));
    yield page.flatMap(({ id, links }) => {
      const row = byId.get(id);
      return row ? [entryOf(row, links)] : [];
    });
  }
}

/** A statement that was recorded with a slug alone has its slug as its key. Such a key is left out. */
function entryOf({ key, content, collection }: StatementRow, exported: ReadonlySet<string>): StatementEntry {
  const links = content.links.filter(({ to }) => exported.has(to));
  return { entry: writeStatement({ ...content, key: key === content.slug ? null : key, links }), collection };
}
