import { readStatement } from '../cards/statementFragment.ts';
import { actVerb } from '../words/act.ts';
import { sayerNames, sayersOf, sayingOf } from '../words/statement.ts';
import type { RecordChange } from './useFollow.ts';

/** Says in a sentence what has happened to a statement. */
export function changeInWords(change: RecordChange): string {
  if (!change.statement) return 'The record has changed.';
  const statement = readStatement(change.statement);
  const [who, text] = [sayersOf(statement), sayingOf(statement)];
  switch (change.kind) {
    case 'STATEMENT_RETRACTED':
      return `Retracted: ${who}: ${text}`;
    case 'STATEMENT_REVISED':
      return `Revised: ${who}: ${text}`;
    default:
      return `New: ${who} ${actVerb(statement.act, sayerNames(statement).length)}: ${text}`;
  }
}
