import { type Database, openExportPool } from '../../src/db/client.ts';
import { Canceller } from '../../src/db/pool/canceller.ts';
import { SqlClock } from '../../src/db/pool/sqlClock.ts';
import { contentLines } from '../../src/export/content.ts';
import { historyLines } from '../../src/export/history.ts';
import { type Selection, selectionOf } from '../../src/export/selection.ts';
import { RecordSnapshot } from '../../src/export/snapshot.ts';
import { readJsonl } from '../../src/import/read/jsonl.ts';
import type { ImportReport, Refusal } from '../../src/import/report.ts';
import { runImport } from '../../src/import/write/engine.ts';
import { Catalog } from '../../src/read/memory/catalog.ts';
import type { StatementFilterInput } from '../../src/read/statements/filter.ts';
import { WAIT_MAX_MS } from './until.ts';

/** The text that an export makes of a record. */
export async function exported(
  db: Database,
  lines: (snapshot: RecordSnapshot, selection: Selection) => AsyncIterable<string>,
  filter: StatementFilterInput | null = null,
): Promise<string> {
  const pool = openExportPool(db.url, 1, WAIT_MAX_MS);
  const selection = await selectionOf({ db, catalog: new Catalog() }, filter);
  const canceller = new Canceller(db.pool, new SqlClock());
  const snapshot = await RecordSnapshot.open({ pool, canceller, signal: new AbortController().signal });
  let text = '';
  try {
    for await (const piece of lines(snapshot, selection)) text += piece;
  } finally {
    await snapshot.close();
    await pool.end();
  }
  return text;
}

/** The content of a record as Readout JSONL: the header, and the other lines as one text. */
export async function exportedContent(
  db: Database,
  filter: StatementFilterInput | null = null,
): Promise<{ header: Record<string, unknown>; body: string }> {
  const text = await exported(db, contentLines, filter);
  const end = text.indexOf('\n') + 1;
  return { header: JSON.parse(text.slice(0, end)), body: text.slice(end) };
}

export const exportedHistory = (db: Database): Promise<string> => exported(db, historyLines);

type Line = Readonly<Record<string, Record<string, unknown>>>;

/** The lines of Readout JSONL. */
export const linesOf = (body: string): Line[] =>
  body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

/** Imports Readout JSONL. @returns the refusals. */
export async function loadContent({ prisma }: Database, text: string): Promise<readonly Refusal[]> {
  const bytes = [Buffer.from(text)] as unknown as AsyncIterable<Uint8Array>;
  const report = await runImport(prisma, readJsonl(bytes, { file: 'content.jsonl' }), { by: 'loader' });
  return report.refusals;
}

/** Restores an exported history by an import. */
export async function restored({ prisma }: Database, text: string): Promise<ImportReport['history']> {
  const bytes = [Buffer.from(text)] as unknown as AsyncIterable<Uint8Array>;
  const report = await runImport(prisma, readJsonl(bytes, { file: 'history.jsonl' }), { by: 'operator' });
  return report.history;
}
