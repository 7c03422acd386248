import { createHash } from 'node:crypto';
import { coerceInputValue, isInputType } from 'graphql';
import { type InputPath, ReadoutError } from '../../base/errors.ts';
import { VERSION } from '../../config/version.ts';
import { ENTRY_KINDS, type EntryKind } from '../../import/item.ts';
import type { Cursor } from '../../log/cursor.ts';
import type { StatementFilterInput } from '../../read/statements/filter.ts';
import { schema } from '../../schema/schema.ts';
import { parseObject } from '../body/parameter.ts';

/** The forms of an export, by path. */
export const EXPORT_FORMS = { '/export.jsonl': 'jsonl', '/export.csv': 'csv' } as const;
export type ExportForm = (typeof EXPORT_FORMS)[keyof typeof EXPORT_FORMS];

/** What a client asks for. */
export interface ExportRequest {
  readonly form: ExportForm;
  readonly content: 'current' | 'history';
  readonly filter: StatementFilterInput | null;
  /** What the rows of CSV are. */
  readonly of: EntryKind;
  /** Whether CSV begins with a byte order mark. */
  readonly withMark: boolean;
}

const PARAMETERS: Readonly<Record<ExportForm, readonly string[]>> = {
  jsonl: ['filter', 'content'],
  csv: ['of', 'filter', 'bom'],
};

/** Path and query of an export. Beyond it HTTP 400. @limit characters */
export const EXPORT_QUERY_LENGTH_MAX = 8_192;

/** @throws ReadoutError INVALID_INPUT that names the parameter, or LIMIT_EXCEEDED. */
export function exportRequestOf(form: ExportForm, { search, searchParams }: URL): ExportRequest {
  if (search.length > EXPORT_QUERY_LENGTH_MAX) {
    const message = `The query of the address may have at most ${EXPORT_QUERY_LENGTH_MAX} characters. Send a shorter filter.`;
    throw new ReadoutError('LIMIT_EXCEEDED', message, ['filter'], {
      limit: 'EXPORT_QUERY_LENGTH_MAX',
      max: EXPORT_QUERY_LENGTH_MAX,
    });
  }
  const known = PARAMETERS[form];
  const unknown = [...searchParams.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw invalid([unknown], `is not a parameter of this address; those are ${known.join(', ')}`);
  const filter = filterOf(searchParams.get('filter'));
  const content = searchParams.get('content') ?? 'current';
  if (content !== 'current' && content !== 'history')
    throw invalid(['content'], 'must be current or history');
  if (content === 'history' && filter)
    throw invalid(['filter'], 'is not possible: a history is exported whole');
  const of = ENTRY_KINDS.find((kind) => `${kind}s` === (searchParams.get('of') ?? 'statements'));
  if (!of) throw invalid(['of'], `must be one of ${ENTRY_KINDS.map((kind) => `${kind}s`).join(', ')}`);
  const mark = searchParams.get('bom') ?? '0';
  if (mark !== '0' && mark !== '1') throw invalid(['bom'], 'must be 0 or 1');
  return { form, content, filter, of, withMark: mark === '1' };
}

function invalid(path: InputPath, what: string): ReadoutError {
  return new ReadoutError('INVALID_INPUT', `“${path.join('.')}” ${what}.`, path);
}

/** A StatementFilter from its JSON, checked as a variable of GraphQL is. */
function filterOf(text: string | null): StatementFilterInput | null {
  const given = parseObject('filter', text ?? undefined);
  if (given === null) return null;
  const type = schema.getType('StatementFilter');
  if (!isInputType(type)) throw new Error('the schema has no StatementFilter');
  return coerceInputValue(given, type, (path, _, { message }) => {
    throw new ReadoutError('INVALID_INPUT', message, ['filter', ...path]);
  }) as StatementFilterInput;
}

/** Identifies the bytes of an export: the same request at the same change of the same history has the same ones. */
export function tagOf(request: ExportRequest, { position, digest }: Cursor, encoding: string | null): string {
  const whole = JSON.stringify([VERSION, request, String(position), digest]);
  return `"${createHash('sha256').update(whole).digest('base64url').slice(0, 22)}-${encoding ?? 'identity'}"`;
}
