import { unescapeFormula } from '../cell.ts';
import type { ItemSource, ReadOptions } from '../item.ts';
import { rowsOf } from './csv.ts';

/**
 * Reads what mentions mean from a table with the columns `mention` and `actor`, such as a review file of an import with slugs filled in. Rows
 * without an actor are left out.
 */
export async function* readMentionMap(bytes: AsyncIterable<Uint8Array>, { file }: ReadOptions): ItemSource {
  let columns: { readonly mention: number; readonly actor: number } | undefined;
  for await (const { line, cells, reason } of rowsOf(bytes)) {
    const place = { file, line };
    if (cells === null) yield { kind: 'unread', place, path: [], reason };
    else if (columns) {
      const mention = unescapeFormula(cells[columns.mention] ?? '').trim();
      const actor = unescapeFormula(cells[columns.actor] ?? '').trim();
      if (mention !== '' && actor !== '') yield { kind: 'map', value: { mention, actor }, place };
    } else {
      const names = cells.map((cell) => cell.trim().toLowerCase());
      columns = { mention: names.indexOf('mention'), actor: names.indexOf('actor') };
      if (columns.mention >= 0 && columns.actor >= 0) continue;
      yield { kind: 'unread', place, path: [], reason: 'must have the columns “mention” and “actor”' };
      return;
    }
  }
}
