import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Prisma, Transaction } from '../db/client.ts';
import { transact } from '../db/transaction.ts';
import { saveActor } from '../domain/actor.ts';
import { saveEvent } from '../domain/event.ts';
import type { Fault } from '../domain/inputFault.ts';
import type { Saved } from '../domain/save.ts';
import { saveSource } from '../domain/source.ts';
import { recordStatements } from '../domain/statement.ts';
import { saveTopic } from '../domain/topic.ts';
import { type InputPath, ReadoutError } from '../errors.ts';
import { type Entry, parseSeedFile, type SeedFile } from './seedFile.ts';

/** The folder whose YAML files are loaded at the start. */
export const SEED_DIR = fileURLToPath(new URL('../../seed', import.meta.url));
/** Who made the changes that a seed file brings. */
const SEED_BY = 'seed';

/** How many things a seed file brought; what the record already has is left as it is. */
export interface SeedResult {
  readonly file: string;
  readonly added: number;
  readonly kept: number;
}

/** Entries such that each stands after those it refers to; the file may list them in any order. */
function inOrder<T>(
  entries: readonly Entry<T>[],
  refersTo: (input: T) => readonly string[],
  faults: Fault[],
): Entry<T>[] {
  const bySlug = new Map(entries.map((entry) => [entry.slug, entry]));
  const done = new Set<string>();
  const ordered: Entry<T>[] = [];
  const visit = (entry: Entry<T>, above: ReadonlySet<string>): void => {
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

/** A domain function speaks of `input…`; the file calls the same place `actors[3]…`. */
function faultsAt(error: ReadoutError, at: InputPath): Fault[] {
  const faults = (error.details?.faults as Fault[] | undefined) ?? [
    { path: error.inputPath ?? [], message: error.message },
  ];
  return faults.map((fault) => ({
    ...fault,
    path: fault.path[0] === 'input' ? [...at, ...fault.path.slice(1)] : fault.path,
  }));
}

async function load(tx: Transaction, file: SeedFile): Promise<SeedResult> {
  const faults: Fault[] = [];
  let added = 0;
  let kept = 0;
  const collect = async (at: InputPath, write: () => Promise<unknown>): Promise<void> => {
    try {
      await write();
    } catch (error) {
      if (!(error instanceof ReadoutError)) throw error;
      faults.push(...faultsAt(error, at));
    }
  };
  const saveAll = async <T>(
    entries: readonly Entry<T>[],
    known: readonly { slug: string }[],
    save: (tx: Transaction, input: T, by: string) => Promise<Saved>,
  ): Promise<void> => {
    const slugs = new Set(known.map(({ slug }) => slug));
    for (const entry of entries) {
      if (slugs.has(entry.slug)) kept += 1;
      else {
        await collect(entry.path, () => save(tx, entry.input, SEED_BY));
        added += 1;
      }
    }
  };
  const slugs = (entries: readonly Entry<unknown>[]) => ({
    where: { slug: { in: entries.map(({ slug }) => slug) } },
    select: { slug: true },
  });
  const actors = inOrder(file.actors, ({ affiliations }) => (affiliations ?? []).map((a) => a.in), faults);
  const topics = inOrder(file.topics, ({ parent }) => (parent ? [parent] : []), faults);
  await saveAll(actors, await tx.actor.findMany(slugs(actors)), saveActor);
  await saveAll(topics, await tx.topic.findMany(slugs(topics)), saveTopic);
  await saveAll(file.sources, await tx.source.findMany(slugs(file.sources)), saveSource);
  await saveAll(file.events, await tx.event.findMany(slugs(file.events)), saveEvent);

  const known = new Set((await tx.statement.findMany(slugs(file.statements))).map(({ slug }) => slug));
  const statements = file.statements.filter(({ slug }) => !known.has(slug));
  await collect([], () =>
    recordStatements(
      tx,
      statements.map(({ raw }) => raw),
      SEED_BY,
      (i) => [...(statements[i] as Entry<unknown>).path],
    ),
  );
  added += statements.length;
  kept += known.size;

  const own = new Set([
    ...(['actor', 'topic', 'source', 'event', 'statement'] as const).flatMap((noun) =>
      file[`${noun}s`].map(({ slug }) => `${noun} ${slug}`),
    ),
  ]);
  const roots = faults.filter(({ missing }) => missing === undefined || !own.has(missing));
  if (faults.length > 0) throw file.refuse(roots.length > 0 ? roots : faults);
  return { file: file.name, added, kept };
}

/**
 * Loads one seed file in one transaction: all of it or nothing. What the record already has, by slug, is kept.
 * @throws ReadoutError INVALID_INPUT that names file, line, path and reason of every fault.
 */
export async function loadSeedFile(prisma: Prisma, name: string, text: string): Promise<SeedResult> {
  const file = parseSeedFile(name, text);
  return transact(prisma, (tx) => load(tx, file));
}

/** The YAML files of a folder, by name. */
export async function readSeedFiles(dir: string = SEED_DIR): Promise<{ name: string; text: string }[]> {
  const names = (await readdir(dir)).filter((name) => /\.ya?ml$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => ({
      name: relative('.', join(dir, name)),
      text: await readFile(join(dir, name), 'utf8'),
    })),
  );
}

/** Loads every seed file of a folder, in the order of their names. */
export async function loadSeeds(prisma: Prisma, dir: string = SEED_DIR): Promise<SeedResult[]> {
  const results: SeedResult[] = [];
  for (const { name, text } of await readSeedFiles(dir)) results.push(await loadSeedFile(prisma, name, text));
  return results;
}
