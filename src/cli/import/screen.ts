import { Presets, SingleBar } from 'cli-progress';
import { ENTRY_KINDS } from '../../import/item.ts';
import type { ImportReport, Refusal } from '../../import/report.ts';

/** Without a terminal, progress is a line each time after so many rows. */
const PROGRESS_LENGTH = 100_000;

/** Shows the progress of an import: a bar on a terminal, lines elsewhere. Both go to the standard error. */
export class Screen {
  readonly #bar: SingleBar | null;
  readonly #totalBytes: number;
  #bytes = 0;
  #handled = 0;

  constructor(totalBytes: number) {
    this.#totalBytes = totalBytes;
    this.#bar = process.stderr.isTTY
      ? new SingleBar(
          { format: '{bar} {percentage}% | {handled} rows | {duration_formatted}', hideCursor: true },
          Presets.shades_classic,
        )
      : null;
    this.#bar?.start(totalBytes, 0, { handled: 0 });
  }

  /** Begins again: the files are sent once more. */
  restart(): void {
    this.#bytes = 0;
    this.#handled = 0;
  }

  readonly read = (bytes: number): void => {
    this.#bytes += bytes;
    this.#bar?.update(Math.min(this.#bytes, this.#totalBytes), { handled: this.#handled });
  };

  readonly progress = (handled: number): void => {
    const before = this.#handled;
    this.#handled = handled;
    this.#bar?.update({ handled });
    if (this.#bar || Math.floor(handled / PROGRESS_LENGTH) === Math.floor(before / PROGRESS_LENGTH)) return;
    console.error(`${handled} rows`);
  };

  readonly refusal = ({ file, line, path, reason }: Refusal): void => {
    this.tell(`${file}:${line}: ${path ? `${path} ` : ''}${reason}`);
  };

  tell(message: string): void {
    if (this.#bar) process.stderr.write('\r\x1b[K');
    console.error(message);
  }

  stop(): void {
    this.#bar?.stop();
  }
}

/** The report as a table. */
export function reportText({
  dryRun,
  collection,
  compared,
  complete,
  entries,
  refused,
  history,
  omissions,
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
  if (refused > 0) lines.push(`${refused} rows were refused.`);
  for (const { what, count, file } of omissions)
    lines.push(`${count} ${what} have no place in the record and were left out (first in ${file}).`);
  if (collection !== null && complete && !compared)
    lines.push('What is gone from the collection was not counted, because rows were refused.');
  if (!complete)
    lines.push('The import is not complete. Run it again: what is recorded is not recorded again.');
  if (dryRun) lines.push('This was a dry run. Nothing was written.');
  return lines.join('\n');
}
