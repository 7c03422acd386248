import { escapeFormula, joinItems } from '../cell.ts';
import type { FoundActors } from './foundActors.ts';
import type { MentionsToReview } from './review.ts';

const COLUMNS = 'mention actor found rule count candidates file line example'.split(' ');

const cellOf = (text: string): string => `"${escapeFormula(text).replaceAll('"', '""')}"`;

/**
 * The mentions whose actors are not certain, and then the actors that were found by words alone, as CSV for a spreadsheet. The column `actor`
 * is empty: with slugs in it, the file is a map that the next import reads.
 */
export function reviewFile({ mentions }: MentionsToReview, { actors }: FoundActors): string {
  const uncertain = mentions.map(({ mention, count, candidates, file, line, example }) => {
    const scored = joinItems(candidates.map(({ slug, score }) => `${slug} ${score.toFixed(2)}`));
    return [mention, '', '', '', String(count), scored, file, String(line), example];
  });
  const found = actors.map(({ mention, actor, rule, count, file, line }) => {
    return [mention, '', actor, rule, String(count), '', file, String(line), ''];
  });
  return [COLUMNS, ...uncertain, ...found].map((row) => `${row.map(cellOf).join(',')}\r\n`).join('');
}
