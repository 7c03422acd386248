import { escapeFormula, joinItems } from '../cell.ts';
import type { MentionsToReview } from './review.ts';

const COLUMNS = ['mention', 'actor', 'count', 'candidates', 'file', 'line', 'example'] as const;

const cellOf = (text: string): string => `"${escapeFormula(text).replaceAll('"', '""')}"`;

/**
 * The mentions whose actors are not certain, as CSV for a spreadsheet. The column `actor` is empty: with slugs in it, the file is a map that
 * the next import reads.
 */
export function reviewFile({ mentions }: MentionsToReview): string {
  const rows = mentions.map(({ mention, count, candidates, file, line, example }) => {
    const scored = joinItems(candidates.map(({ slug, score }) => `${slug} ${score.toFixed(2)}`));
    return [mention, '', String(count), scored, file, String(line), example];
  });
  return [COLUMNS, ...rows].map((row) => `${row.map(cellOf).join(',')}\r\n`).join('');
}
