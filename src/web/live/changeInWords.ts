import { readStatement } from '../cards/statementFragment.ts';
import { actVerb } from '../words/act.ts';
import { joinNames } from '../words/names.ts';
import type { RecordChange } from './useFollow.ts';

/** Says in a sentence what has happened to a statement. */
export function changeInWords(change: RecordChange): string {
  if (!change.statement) return 'The record has changed.';
  const { speakers, act, text } = readStatement(change.statement);
  const who = joinNames(speakers.map(({ name }) => name));
  switch (change.kind) {
    case 'STATEMENT_RETRACTED':
      return `Retracted: ${who}: ${text}`;
    case 'STATEMENT_REVISED':
      return `Revised: ${who}: ${text}`;
    default:
      return `New: ${who} ${actVerb(act, speakers.length)}: ${text}`;
  }
}
