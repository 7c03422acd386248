import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ReadoutError } from '../../base/errors.ts';
import type { ProgressState } from '../../base/progress.ts';
import type { Prisma } from '../../db/client.ts';
import type { Fault } from '../../domain/input/fault.ts';
import { INPUT_MAX } from '../../domain/input/field.ts';
import type { Warning } from '../../domain/warning.ts';
import { ENTRY_KINDS, type ItemSource } from '../item.ts';
import { runImport } from '../write/engine.ts';
import { findDifferences } from './differences.ts';
import { checkSeed } from './faults.ts';
import { LISTS, parseSeedFile, type SeedEntry, type SeedFile } from './file.ts';

/** The folder whose seed files are loaded at the start. */
export const SEED_DIR = fileURLToPath(new URL('../../../seed', import.meta.url));
/** The recorder of the changes of a seed file. */
const SEED_BY = 'seed';
/** Number of entries that are looked up together. */
const CHUNK_LENGTH = Math.min(INPUT_MAX.statements, INPUT_MAX.entries);
/** Warnings of a file that are reported with their places, and differences from the record. The others are counted. */
const SEED_WARNINGS_MAX = 50;

/** How many entries of a seed file were added, and how many the record already had. The latter are not changed. */
export interface SeedResult {
  readonly file: string;
  readonly added: number;
  readonly kept: number;
}

/** The entries in an order in which each comes after those it refers to. The file may list them in any order. */
function inDependencyOrder<T>(
  entries: readonly SeedEntry<T>[],
  refersTo: (input: T) => readonly string[],
  faults: Fault[],
): SeedEntry<T>[] {
  const bySlug = new Map(entries.map((entry) => [entry.slug, entry]));
  const done = new Set<string>();
  const ordered: SeedEntry<T>[] = [];
  const visit = (entry: SeedEntry<T>, above: ReadonlySet<string>): void => {
    if (done.has(entry.slug)) return;
    if (above.has(entry.slug)) {
      faults.push({ path: entry.path, message: 'refers to itself through others' });
      return;
    }
    for (const slug of refersTo(entry.input)) {
      const target = bySlug.get(slug);
      if (target && target !== entry) visit(target, new Set([...above, entry.slug]));
    }
    if (done.has(entry.slug)) return;
    done.add(entry.slug);
    ordered.push(entry);
  };
  for (const entry of entries) visit(entry, new Set());
  return ordered;
}

/** The file without the entries that the record already has, by slug. */
async function withoutKnown(prisma: Prisma, file: SeedFile): Promise<SeedFile> {
  const newOf = async <T>(
    entries: readonly SeedEntry<T>[],
    find: (where: { slug: { in: string[] } }) => Promise<{ slug: string }[]>,
  ): Promise<SeedEntry<T>[]> => {
    const known = new Set<string>();
    for (let i = 0; i < entries.length; i += CHUNK_LENGTH) {
      const slugs = entries.slice(i, i + CHUNK_LENGTH).map(({ slug }) => slug);
      for (const { slug } of await find({ slug: { in: slugs } })) known.add(slug);
    }
    return entries.filter(({ slug }) => !known.has(slug));
  };
  const select = { slug: true };
  return {
    ...file,
    actors: await newOf(file.actors, (where) => prisma.actor.findMany({ where, select })),
    topics: await newOf(file.topics, (where) => prisma.topic.findMany({ where, select })),
    sources: await newOf(file.sources, (where) => prisma.source.findMany({ where, select })),
    events: await newOf(file.events, (where) => prisma.event.findMany({ where, select })),
    statements: await newOf(file.statements, (where) => prisma.statement.findMany({ where, select })),
  };
}

/** The entries of a file that another one, made from it, does not have. */
function withoutEntriesOf(whole: SeedFile, other: SeedFile): SeedFile {
  const rest = <T>(entries: readonly SeedEntry<T>[], known: readonly SeedEntry<T>[]): SeedEntry<T>[] => {
    const slugs = new Set(known.map(({ slug }) => slug));
    return entries.filter(({ slug }) => !slugs.has(slug));
  };
  return {
    ...whole,
    actors: rest(whole.actors, other.actors),
    topics: rest(whole.topics, other.topics),
    sources: rest(whole.sources, other.sources),
    events: rest(whole.events, other.events),
    statements: rest(whole.statements, other.statements),
  };
}

/** The entries as items of an import. */
async function* itemsOf(file: SeedFile): ItemSource {
  for (const kind of ENTRY_KINDS) {
    for (const { raw, path } of file[`${kind}s`])
      yield { kind, value: raw, place: { file: file.name, line: file.lineOf(path) } };
  }
}

/** Writes new entries in lists, each in a short transaction, so that recorders can write at the same time. */
async function write(
  prisma: Prisma,
  file: SeedFile,
  onProgress: (handled: number) => void,
): Promise<{ added: number; kept: number }> {
  // A recorder may have added one of them in the meantime.
  const { entries, refusals } = await runImport(prisma, itemsOf(file), {
    by: SEED_BY,
    keepExisting: true,
    onProgress,
  });
  if (refusals.length > 0) {
    const lines = refusals.map(({ line, path, reason }) => `  ${file.name}:${line}: ${path} ${reason}`);
    const message = `The record changed while ${file.name} was loaded, and does not take these entries. The others were loaded.`;
    throw new ReadoutError('CONFLICT', `${message}\n${lines.join('\n')}`);
  }
  const counts = Object.values(entries);
  return {
    added: counts.reduce((sum, { added }) => sum + added, 0),
    kept: counts.reduce((sum, { unchanged }) => sum + unchanged, 0),
  };
}

const countOf = (file: SeedFile): number => LISTS.reduce((sum, list) => sum + file[list].length, 0);

/** Reports what is odd about the new entries: the first ones with their places, and the number of the others by code. */
function noticeWarnings(
  file: SeedFile,
  warnings: readonly Warning[],
  notice: (message: string) => void,
): void {
  for (const line of file.lines(warnings.slice(0, SEED_WARNINGS_MAX))) notice(`Warning: ${line}`);
  const rest = warnings.slice(SEED_WARNINGS_MAX);
  if (rest.length === 0) return;
  const counts = new Map<string, number>();
  for (const { code } of rest) counts.set(code, (counts.get(code) ?? 0) + 1);
  const byCode = [...counts].map(([code, count]) => `${count} ${code}`).join(', ');
  notice(`Warning: ${file.name} has ${rest.length} more warnings: ${byCode}.`);
}

/** Reports the entries of the file that the record has with other content. */
async function noticeDifferences(
  prisma: Prisma,
  known: SeedFile,
  notice: (message: string) => void,
): Promise<void> {
  const differences = await findDifferences(prisma, known, CHUNK_LENGTH);
  for (const line of known.lines(differences.slice(0, SEED_WARNINGS_MAX))) notice(`Warning: ${line}`);
  const rest = differences.length - SEED_WARNINGS_MAX;
  if (rest > 0) notice(`Warning: ${rest} more entries of ${known.name} differ from the record.`);
}

/**
 * Loads one seed file. The whole file is checked before any of it is written. Short transactions delay no recorder. The next
 * start completes an interrupted load. Entries that the record already has, by slug, are not changed.
 * @param notice called with the warnings of new entries and the entries that differ from the record.
 * @param onProgress called after each list of entries.
 * @throws ReadoutError INVALID_INPUT that names file, line, path and reason of every fault.
 */
export async function loadSeedFile(
  prisma: Prisma,
  name: string,
  text: string,
  notice: (message: string) => void = () => undefined,
  onProgress: (state: ProgressState) => void = () => undefined,
): Promise<SeedResult> {
  const whole = parseSeedFile(name, text);
  const faults: Fault[] = [];
  const ordered = {
    ...whole,
    actors: inDependencyOrder(
      whole.actors,
      ({ affiliations }) => (affiliations ?? []).map((a) => a.in),
      faults,
    ),
    topics: inDependencyOrder(whole.topics, ({ parent }) => (parent ? [parent] : []), faults),
  };
  const file = await withoutKnown(prisma, ordered);
  const check = await checkSeed(prisma, file);
  faults.push(...check.faults);
  if (faults.length > 0) {
    // A reference to another entry of the file is reported as unknown only if the file has no other fault.
    const own = new Set(
      LISTS.flatMap((list) => whole[list].map(({ slug }) => `${list.slice(0, -1)} ${slug}`)),
    );
    const roots = faults.filter(({ missing }) => missing === undefined || !own.has(missing));
    throw whole.refuse(roots.length > 0 ? roots : faults);
  }

  noticeWarnings(whole, check.warnings, notice);
  await noticeDifferences(prisma, withoutEntriesOf(whole, file), notice);
  const { added, kept } = await write(prisma, file, (done) => {
    onProgress({ what: `Loading ${name}`, unit: 'entries', done, total: countOf(file) });
  });
  return { file: name, added, kept: kept + countOf(whole) - countOf(file) };
}

const IS_SEED = /\.(ya?ml|json)$/;
/** Files that a seed folder can contain beside seed files: their schema, Markdown and hidden files. */
const IS_OTHER = /^\.|\.md$|\.schema\.json$/;

/**
 * The seed files of a folder, by name.
 * @param notice called for each other file that is ignored.
 */
export async function readSeedFiles(
  dir: string = SEED_DIR,
  notice: (message: string) => void = () => undefined,
): Promise<{ name: string; text: string }[]> {
  const names = (await readdir(dir)).filter((name) => !IS_OTHER.test(name)).sort();
  const pathOf = (name: string): string => relative('.', join(dir, name));
  for (const name of names.filter((other) => !IS_SEED.test(other)))
    notice(`${pathOf(name)} is not loaded: a seed file's name ends with .yaml, .yml or .json.`);
  return Promise.all(
    names
      .filter((name) => IS_SEED.test(name))
      .map(async (name) => ({ name: pathOf(name), text: await readFile(join(dir, name), 'utf8') })),
  );
}

/** Loads every seed file of a folder, in the order of their names. */
export async function loadSeeds(
  prisma: Prisma,
  dir: string = SEED_DIR,
  notice: (message: string) => void = () => undefined,
  onProgress: (state: ProgressState) => void = () => undefined,
): Promise<SeedResult[]> {
  const results: SeedResult[] = [];
  for (const { name, text } of await readSeedFiles(dir, notice))
    results.push(await loadSeedFile(prisma, name, text, notice, onProgress));
  return results;
}
