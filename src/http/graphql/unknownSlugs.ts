import { type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql';
import { type InputPath, ReadoutError } from '../../base/errors.ts';
import { payFor } from '../../db/pool/cancellation.ts';
import type { Fault } from '../../domain/input/fault.ts';
import {
  type SlugNoun,
  SUGGESTED_SLUGS_MAX,
  suggestSlugs,
  type UnknownSlug,
} from '../../read/memory/unknownSlugs.ts';
import type { Context } from '../../schema/builder/builder.ts';
import type { Execution } from './execution.ts';

/** A warning in `extensions.warnings` about an argument that names nothing. */
interface Warning {
  readonly code: 'UNKNOWN_SLUG';
  /** The place of the argument, as in the `inputPath` of an error. */
  readonly path: InputPath;
  readonly value: string;
  /** Slugs that the client may have meant, best first. */
  readonly suggestions: readonly string[];
  readonly message: string;
}

/** Characters of a value that a warning repeats. */
const VALUE_LENGTH_MAX = 80;
/** Points of a search for similar slugs: some milliseconds of PostgreSQL among 20,000 names. Paid before it begins. */
export const SUGGESTION_POINTS = 5_000;
const NOUNS: ReadonlySet<string> = new Set<SlugNoun>(['actor', 'topic', 'source', 'event']);

/**
 * Executes an operation. The answer warns of arguments that name nothing, because they can be the only reason why it is empty. A mutation
 * that was refused for a reference suggests others. Operations whose slugs are all known cost nothing more.
 */
export function executeWithSuggestions(
  execution: Execution,
  args: ExecutionArgs,
): ExecutionResult | Promise<ExecutionResult> {
  const context = args.contextValue as Context;
  const complete = (result: ExecutionResult): ExecutionResult | Promise<ExecutionResult> => {
    if (result.errors?.some(hasMissing)) return withSuggestions(result, context);
    return context.load.unknown.isEmpty ? result : withWarnings(result, context);
  };
  const result = execution.run(args);
  return result instanceof Promise ? result.then(complete) : complete(result);
}

/** What `extensions` of an answer say about its arguments. */
interface Warnings {
  readonly warnings: readonly Warning[];
  /** Whether there are or may be more. */
  readonly hasMoreWarnings?: true;
}

async function withWarnings(result: ExecutionResult, context: Context): Promise<ExecutionResult> {
  const warnings = await warningsOf(context);
  return warnings ? { ...result, extensions: { ...result.extensions, ...warnings } } : result;
}

/**
 * Warns of the slugs that an operation names and the record does not have; null where it has all.
 * @param had the verb of the messages. A subscription can be told later, when the record has the entry.
 */
export async function warningsOf(
  { db, load }: Pick<Context, 'db' | 'load'>,
  had = 'The record has',
): Promise<Warnings | null> {
  if (load.unknown.isEmpty) return null;
  const { unknown, hasMore } = await load.unknown.find();
  if (unknown.length === 0 && !hasMore) return null;
  const warnings: Warning[] = [];
  for (const [i, { noun, slug, path }] of unknown.entries()) {
    const suggestions = i < SUGGESTED_SLUGS_MAX ? await paidSuggestions(db, noun, slug) : [];
    warnings.push(warningOf({ noun, slug: slug.slice(0, VALUE_LENGTH_MAX), path }, suggestions, had));
  }
  return { warnings, ...(hasMore && { hasMoreWarnings: true }) };
}

/** The suggestions for a slug; none where the client has not enough points left. */
async function paidSuggestions(db: Context['db'], noun: SlugNoun, slug: string): Promise<string[]> {
  try {
    payFor(
      SUGGESTION_POINTS,
      `Suggestions for “${slug.slice(0, VALUE_LENGTH_MAX)}”`,
      'Use slugs that the record has',
    );
  } catch (error) {
    if (error instanceof ReadoutError && error.code === 'LIMIT_EXCEEDED') return [];
    throw error;
  }
  return suggestSlugs(db, noun, slug);
}

function warningOf({ noun, slug, path }: UnknownSlug, suggestions: readonly string[], had: string): Warning {
  const message = `${had} no ${noun} “${slug}”.${didYouMean(suggestions)}`;
  return { code: 'UNKNOWN_SLUG', path, value: slug, suggestions, message };
}

function didYouMean(suggestions: readonly string[]): string {
  return suggestions.length === 0 ? '' : ` Did you mean ${suggestions.join(' or ')}?`;
}

function faultsOf({ originalError }: GraphQLError): readonly Fault[] {
  if (!(originalError instanceof ReadoutError)) return [];
  return (originalError.details?.faults as readonly Fault[] | undefined) ?? [];
}

/** The noun and slug of a reference to an entry that the record does not have; null for other faults. */
function missingOf({ missing }: Fault): { noun: SlugNoun; slug: string } | null {
  const [noun = '', slug = ''] = missing?.split(' ') ?? [];
  return NOUNS.has(noun) ? { noun: noun as SlugNoun, slug } : null;
}

const hasMissing = (error: GraphQLError): boolean =>
  faultsOf(error).some((fault) => missingOf(fault) !== null);

async function withSuggestions(result: ExecutionResult, context: Context): Promise<ExecutionResult> {
  const errors: GraphQLError[] = [];
  for (const error of result.errors ?? [])
    errors.push(hasMissing(error) ? await suggesting(error, context) : error);
  return { ...result, errors };
}

/** The same error, with suggestions in its faults and in its message. */
async function suggesting(error: GraphQLError, { db }: Context): Promise<GraphQLError> {
  const refusal = error.originalError as ReadoutError;
  const { code, inputPath, details } = refusal;
  if (code === 'LIMIT_EXCEEDED') return error; // it names no reference
  const faults: (Fault & { suggestions?: readonly string[] })[] = [];
  const found = new Map<string, readonly string[]>();
  for (const fault of faultsOf(error)) {
    const missing = missingOf(fault);
    const key = fault.missing ?? '';
    if (missing && !found.has(key) && found.size < SUGGESTED_SLUGS_MAX)
      found.set(key, await paidSuggestions(db, missing.noun, missing.slug));
    const suggestions = found.get(key);
    faults.push(suggestions ? { ...fault, suggestions } : fault);
  }
  const hints = [...found].filter(([, { length }]) => length > 0);
  const message = hints.reduce(
    (text, [missing, suggestions]) =>
      `${text}${hints.length === 1 ? didYouMean(suggestions) : ` For “${missing.split(' ')[1]}”, did you mean ${suggestions.join(' or ')}?`}`,
    refusal.message,
  );
  const originalError = new ReadoutError(code, message, inputPath, { ...details, faults });
  return new GraphQLError(message, { nodes: error.nodes, path: error.path, originalError });
}
