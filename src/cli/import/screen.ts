import { grouped, Progress, type ProgressOutput } from '../../base/progress.ts';
import { ENTRY_KINDS } from '../../import/item.ts';
import type { ImportReport, Refusal } from '../../import/report.ts';

const BYTES_PER_KB = 1_000;

/** Shows the progress of an import, and what is refused. */
export class Screen {
  readonly #progress: Progress;
  readonly #totalBytes: number;
  #bytes = 0;
  #handled = 0;

  constructor(totalBytes: number, output: ProgressOutput = process.stderr) {
    this.#totalBytes = totalBytes;
    this.#progress = new Progress(output);
  }

  /** Begins again: the files are sent once more. */
  restart(): void {
    this.#bytes = 0;
    this.#handled = 0;
  }

  readonly read = (bytes: number): void => {
    this.#bytes = Math.min(this.#bytes + bytes, this.#totalBytes);
    this.#show();
  };

  readonly progress = (handled: number): void => {
    this.#handled = handled;
    this.#show();
  };

  readonly refusal = ({ file, line, path, reason }: Refusal): void => {
    this.tell(`${file}:${line}: ${path ? `${path} ` : ''}${reason}`);
  };

  tell(message: string): void {
    this.#progress.tell(message);
  }

  stop(): void {
    this.#progress.end();
  }

  #show(): void {
    this.#progress.at({
      what: 'Importing',
      unit: 'kB',
      done: Math.floor(this.#bytes / BYTES_PER_KB),
      total: Math.ceil(this.#totalBytes / BYTES_PER_KB),
      note: rowsOf(this.#handled),
    });
  }
}

const rowsOf = (rows: number): string => (rows === 1 ? '1 row' : `${grouped(rows)} rows`);

/** The length of a list that the report has, and how often it has had no room. */
const listed = (length: number, further: number): string =>
  further > 0 ? `${grouped(length)}, and ${grouped(further)} occurrences of others` : grouped(length);

/** The report as a table. */
export function reportText({
  dryRun,
  written,
  collection,
  compared,
  complete,
  entries,
  refused,
  history,
  omissions,
  unresolved,
  found,
  outdated,
}: ImportReport): string {
  if (history)
    return `Restored ${history.written} changes of the history. The record had ${history.kept} of them already.`;
  const rows = ENTRY_KINDS.map((kind) => {
    const { added, unchanged, changed, refused: no, gone } = entries[kind];
    return [`${kind}s`, added, unchanged, changed, no, gone].map(String);
  });
  const table = [['', 'added', 'unchanged', 'changed', 'refused', 'gone'], ...rows];
  const widths =
    table[0]?.map((_, column) => Math.max(...table.map((row) => (row[column] ?? '').length))) ?? [];
  const lines = table.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
  );
  if (refused > 0) lines.push(`${rowsOf(refused)} ${refused === 1 ? 'was' : 'were'} refused.`);
  for (const { what, count, file } of omissions)
    lines.push(`${count} ${what} have no place in the record and were left out (first in ${file}).`);
  if (unresolved && unresolved.mentions.length > 0)
    lines.push(
      `Mentions of speakers without an actor: ${listed(unresolved.mentions.length, unresolved.further)}. --review FILE writes them down.`,
    );
  if (found && found.actors.length > 0)
    lines.push(
      `Actors found by name or office alone: ${listed(found.actors.length, found.further)}. --review FILE writes them down.`,
    );
  if (outdated)
    lines.push(
      `Sources with another text than before: ${grouped(outdated.sources)} (one is “${outdated.source}”). ` +
        `Anchors that were not placed in it: ${grouped(outdated.anchors)}. Give the text to npm run reanchor.`,
    );
  if (collection !== null && complete && !compared)
    lines.push('What is gone from the collection was not counted, because rows were refused.');
  if (!complete)
    lines.push('The import is not complete. Run it again: what is recorded is not recorded again.');
  if (dryRun) lines.push('This was a dry run. Nothing was written.');
  else if (!written)
    lines.push('The import is atomic. Nothing was written; the table shows what the check found.');
  return lines.join('\n');
}
