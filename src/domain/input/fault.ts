import type { z } from 'zod';
import { type InputPath, ReadoutError } from '../../base/errors.ts';

/** One fault of an input, and its place. */
export interface Fault {
  readonly path: InputPath;
  readonly message: string;
  /** For a reference to an entry that the record does not have: `actor emmanuel-macron`. */
  readonly missing?: string;
  /** Slug of the entry that the input conflicts with, if there is one. */
  readonly slug?: string;
  /** Present position of an entry that has changed since the client read it. */
  readonly position?: string;
}

/** Faults of one entry that an error names. Where an entry has more, a fault of the entry itself says how many. @limit faults */
export const FAULTS_PER_ENTRY_MAX = 20;
/** Faults that the message of an error repeats. Its details have all that it names. */
const MESSAGE_FAULTS_MAX = 100;

/** Steps of the path of the entry that a fault belongs to: two for `input[3]`, one for `[3]` in an import and for an input that is no list. */
const entrySteps = ([first, second]: InputPath): 1 | 2 =>
  typeof first !== 'number' && typeof second === 'number' ? 2 : 1;

/** The faults that an error names, at most `FAULTS_PER_ENTRY_MAX` and one more of each entry. */
function namedFaults(faults: readonly Fault[]): readonly Fault[] {
  if (faults.length <= FAULTS_PER_ENTRY_MAX) return faults;
  const counts = new Map<string, { readonly path: InputPath; count: number }>();
  const named = faults.filter(({ path }) => {
    const steps = entrySteps(path);
    const key = steps === 2 ? `${path[0]} ${path[1]}` : String(path[0]);
    let entry = counts.get(key);
    if (!entry) {
      entry = { path: path.slice(0, steps), count: 0 };
      counts.set(key, entry);
    }
    entry.count += 1;
    return entry.count <= FAULTS_PER_ENTRY_MAX;
  });
  for (const { path, count } of counts.values()) {
    const others = count - FAULTS_PER_ENTRY_MAX;
    if (others > 0) named.push({ path, message: `has ${others} more faults` });
  }
  return named;
}

/** Replaces the first step of each path: `input…` of the rules is `actors[3]…` in a file. */
export const faultsAt = (path: InputPath, faults: readonly Fault[]): Fault[] =>
  faults.map((fault) => ({ ...fault, path: [...path, ...fault.path.slice(1)] }));

/**
 * Checks the form of an input. Faults are added to `faults`, with their path under `path`.
 * @returns the input in the form that the domain uses; undefined if it has faults.
 */
export function parseInput<T>(
  schema: z.ZodType<T>,
  input: unknown,
  path: InputPath,
  faults: Fault[],
): T | undefined {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const inner = issue.path.map((segment) => (typeof segment === 'number' ? segment : String(segment)));
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys : [undefined];
    for (const key of unknown) {
      faults.push({
        path: [...path, ...inner, ...(key === undefined ? [] : [key])],
        message: key === undefined ? issue.message : 'is not a field of this input. Check its spelling',
      });
    }
  }
  return undefined;
}

/** An input in the form that the domain uses. @throws ReadoutError INVALID_INPUT with every fault of its form. */
export function checkInput<T>(schema: z.ZodType<T>, input: unknown, path: InputPath): T {
  const faults: Fault[] = [];
  const parsed = parseInput(schema, input, path, faults);
  refuseFaults(faults);
  return parsed as T;
}

/** The fields of an input whose form is right, so that what they refer to can be checked although another field has a fault. */
export function formedFields<T>({ shape }: z.ZodObject & z.ZodType<T>, input: unknown): Partial<T> {
  if (typeof input !== 'object' || input === null) return {};
  const given = input as Readonly<Record<string, unknown>>;
  const formed = Object.entries(shape as Record<string, z.ZodType>).flatMap(([field, form]) => {
    const { success, data } = form.safeParse(given[field]);
    return success && data !== undefined ? [[field, data]] : [];
  });
  return Object.fromEntries(formed) as Partial<T>;
}

/** `input.topics[0].stance` */
export function formatPath(path: InputPath): string {
  return path.reduce<string>(
    (text, segment) =>
      typeof segment === 'number' ? `${text}[${segment}]` : text ? `${text}.${segment}` : segment,
    '',
  );
}

/**
 * @throws ReadoutError INVALID_INPUT, or `code`, if there is a fault. It names every faulty entry, and at most `FAULTS_PER_ENTRY_MAX` faults of
 *   each.
 */
export function refuseFaults(
  faults: readonly Fault[],
  code: 'INVALID_INPUT' | 'CONFLICT' = 'INVALID_INPUT',
): void {
  const [first] = faults;
  if (!first) return;
  const named = namedFaults(faults);
  throw new ReadoutError(code, messageOf(named, faults.length), first.path, {
    ...(first.slug !== undefined && { slug: first.slug }),
    ...(first.position !== undefined && { position: first.position }),
    faults: named,
  });
}

/** @param count of all faults, also of those that are not named. */
function messageOf(named: readonly Fault[], count: number): string {
  const lines = named
    .slice(0, MESSAGE_FAULTS_MAX)
    .map(({ path, message }) => `${formatPath(path)} ${message}`);
  if (count === 1) return sentence(lines[0] as string);
  const rest = named.length > lines.length ? '; the others are in “extensions.faults”' : '';
  return sentence(`${count} faults: ${lines.join('; ')}${rest}`);
}

function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}
