import { isObject } from '../../base/object.ts';
import { mapInSteps } from '../../base/steps.ts';
import type { Transaction } from '../../db/sql.ts';
import { transact, wroteNothing } from '../../db/transaction.ts';
import { saveActors } from '../../domain/actor.ts';
import { isSame } from '../../domain/content.ts';
import { saveEvents } from '../../domain/event.ts';
import { References } from '../../domain/input/reference.ts';
import { makeSlug } from '../../domain/input/slug.ts';
import { hasOtherText } from '../../domain/outdated.ts';
import type { Patch } from '../../domain/save/rules.ts';
import type { Saved } from '../../domain/save/save.ts';
import { saveSources } from '../../domain/source.ts';
import { saveTopics } from '../../domain/topic.ts';
import type { NounKind } from '../nounCells.ts';
import { type Entry, listsOf } from './batch.ts';
import { type DryContent, type DryRunNoun, DryRunNouns, dryContentOf, patchOfRecord } from './dryRun.ts';
import { faultsByItem, reasonOf } from './faults.ts';
import { joinMerged, readMerged } from './merged.ts';
import type { Scope } from './scope.ts';
import { Spool } from './spool.ts';

const SAVES = { actor: saveActors, topic: saveTopics, source: saveSources, event: saveEvents } as const;
/** The field from which a slug is made. */
const NAMED = { actor: 'name', topic: 'name', source: 'title', event: 'name' } as const;

/** An entry whose slug is given or made from its name. */
interface Noun {
  readonly entry: Entry;
  readonly patch: Patch;
  /** Undefined where it has neither slug nor name. */
  readonly slug: string | undefined;
  /** What the dry run would have made of it before, with the patch of that; undefined for nothing. */
  readonly dry?: { readonly before: DryContent; readonly patch: Patch };
}

/** Slugs of entries of its own kind that an entry refers to, unchecked. */
function referencesOf(kind: NounKind, patch: Patch): string[] {
  if (kind === 'topic') return typeof patch.parent === 'string' ? [patch.parent] : [];
  if (kind !== 'actor' || !Array.isArray(patch.affiliations)) return [];
  return patch.affiliations.flatMap((affiliation: unknown) =>
    isObject(affiliation) && typeof affiliation.in === 'string' ? [affiliation.in] : [],
  );
}

/** Writes the actors, topics, sources and events of an import. */
export class NounWriter {
  readonly #scope: Scope;
  /** Entries that refer to later ones of their kind. */
  readonly #waiting = new Map<NounKind, Spool>();
  readonly #dryRun: DryRunNouns;

  constructor(scope: Scope) {
    this.#scope = scope;
    this.#dryRun = new DryRunNouns(scope.targets);
  }

  /** Writes entries of one kind. An entry that refers to one that is not written yet waits. */
  async write(kind: NounKind, entries: readonly Entry[]): Promise<void> {
    const nouns = await this.#nounsOf(kind, entries);
    const ready = kind === 'actor' || kind === 'topic' ? await this.#readyOf(kind, nouns) : nouns;
    await this.#saveRuns(kind, ready);
  }

  /** Saves a list in parts, each without repeated slugs. */
  async #saveRuns(kind: NounKind, nouns: readonly Noun[]): Promise<void> {
    const { prisma } = this.#scope;
    const slugs = nouns.flatMap(({ slug }) => slug ?? []);
    const merged = kind === 'actor' ? await readMerged(prisma, slugs) : new Map<string, string>();
    const present = nouns.map((noun) => ({ ...noun, slug: merged.get(noun.slug ?? '') ?? noun.slug }));
    for (const run of runsOf(merged.size === 0 ? nouns : present)) {
      const patches = run.map(({ patch }) => patch);
      const joined = merged.size === 0 ? patches : await joinMerged(prisma, patches, merged);
      const given = run.map((noun, i) => ({ ...noun, patch: joined[i] as Patch }));
      await this.#save(kind, await this.#withDryContents(kind, given));
    }
  }

  /** In a dry run, entries with what it would have made of them before. */
  async #withDryContents(kind: NounKind, nouns: readonly Noun[]): Promise<readonly Noun[]> {
    const { dryRun, keepExisting } = this.#scope;
    if (!dryRun) return nouns;
    const result: Noun[] = [];
    for (const noun of nouns) {
      const before = await this.#dryRun.read(kind, noun.slug ?? '');
      const patch = keepExisting ? { slug: noun.slug } : noun.patch;
      result.push(before ? { ...noun, dry: { before, patch: patchOfRecord(kind, before, patch) } } : noun);
    }
    return result;
  }

  /** Writes the entries that wait, after all entries of their kind were read. Those that still refer to nothing are refused. */
  async writeWaiting(kind: NounKind): Promise<void> {
    for (let waiting = this.#waiting.get(kind); waiting; waiting = this.#waiting.get(kind)) {
      this.#waiting.delete(kind);
      try {
        for await (const list of listsOf(waiting.read() as AsyncIterable<Entry>))
          await this.write(kind, list);
        if (this.#waiting.get(kind)?.length !== waiting.length) continue;
        await this.#forgetWaiting();
        for await (const list of listsOf(waiting.read() as AsyncIterable<Entry>))
          await this.#saveRuns(kind, await this.#nounsOf(kind, list));
      } finally {
        await waiting.close();
      }
    }
  }

  /** Deletes the temporary files. */
  async close(): Promise<void> {
    await this.#forgetWaiting();
    await this.#dryRun.close();
  }

  async #forgetWaiting(): Promise<void> {
    for (const waiting of this.#waiting.values()) await waiting.close();
    this.#waiting.clear();
  }

  async #nounsOf(kind: NounKind, entries: readonly Entry[]): Promise<Noun[]> {
    const nouns = await mapInSteps(entries, (entry): Noun[] => {
      const { value, place } = entry;
      if (!isObject(value)) {
        this.#scope.tally.refuse(kind, place, [{ path: [], message: 'must be an object' }]);
        return [];
      }
      const name = value[NAMED[kind]];
      const slug = value.slug ?? (typeof name === 'string' ? makeSlug(name.trim()) : undefined);
      return [{ entry, patch: { ...value, slug }, slug: typeof slug === 'string' ? slug : undefined }];
    });
    return nouns.flat();
  }

  /** Those that can be written now. The others are put aside, with those that refer to them. */
  async #readyOf(kind: 'actor' | 'topic', nouns: readonly Noun[]): Promise<readonly Noun[]> {
    const references = new References(this.#scope.targets);
    for (const { patch } of nouns) for (const slug of referencesOf(kind, patch)) references.want(kind, slug);
    await references.find(this.#scope.prisma);
    let ready = nouns;
    for (;;) {
      const own = new Set(ready.map(({ slug }) => slug));
      const isThere = (slug: string): boolean => own.has(slug) || references.get(kind, slug) !== undefined;
      const rest = ready.filter(({ patch }) => referencesOf(kind, patch).every(isThere));
      if (rest.length === ready.length) break;
      ready = rest;
    }
    const written = new Set(ready);
    for (const noun of nouns) if (!written.has(noun)) await this.#putAside(kind, noun.entry);
    return ready;
  }

  async #putAside(kind: NounKind, entry: Entry): Promise<void> {
    const spool = this.#waiting.get(kind) ?? new Spool();
    this.#waiting.set(kind, spool);
    await spool.add({ ...entry, collection: this.#scope.collectionOf(entry) });
  }

  /** Saves a list in one transaction. Entries with faults are taken out, and the others are saved. */
  async #save(kind: NounKind, nouns: readonly Noun[]): Promise<void> {
    if (nouns.length === 0) return;
    const { prisma, by, dryRun, keepExisting, targets } = this.#scope;
    const collection = await this.#scope.collectionIdsOf(nouns.map(({ entry }) => entry));
    const save = (tx: Transaction, attempt: number): Promise<Saved[]> => {
      if (attempt > 1) targets.forgetRead();
      return SAVES[kind](
        tx,
        nouns.map(({ patch, dry }) => dry?.patch ?? patch),
        by,
        { pathOf: (i) => [i], known: targets, dryRun, keepExisting, collection },
      );
    };
    let saved: readonly Saved[];
    try {
      saved = await transact(prisma, save);
    } catch (error) {
      if (!wroteNothing(error)) throw error;
      await this.#saveOthers(kind, nouns, error);
      return;
    }
    const changed = nouns.flatMap((noun, i) => this.#count(kind, noun, saved[i] as Saved));
    if (dryRun) await this.#dryRun.remember(kind, changed);
  }

  /** Refuses the entries for which an error is the reason, and saves the others. */
  async #saveOthers(kind: NounKind, nouns: readonly Noun[], error: unknown): Promise<void> {
    const { tally } = this.#scope;
    const faulty = faultsByItem(error);
    if (faulty.size > 0) {
      for (const [i, faults] of faulty) tally.refuse(kind, (nouns[i] as Noun).entry.place, faults);
      await this.#save(
        kind,
        nouns.filter((_, i) => !faulty.has(i)),
      );
    } else if (nouns.length > 1) {
      const half = Math.ceil(nouns.length / 2);
      await this.#save(kind, nouns.slice(0, half));
      await this.#save(kind, nouns.slice(half));
    } else {
      tally.refuse(kind, (nouns[0] as Noun).entry.place, [{ path: [], message: reasonOf(error) }]);
    }
  }

  /** Counts an entry. @returns what it is now; empty where it does not differ. */
  #count(kind: NounKind, noun: Noun, saved: Saved): DryRunNoun[] {
    const { id, position, created, changed, content } = saved;
    const { tally, seen, changedTexts, keepExisting } = this.#scope;
    seen.add(kind, id);
    const before = noun.dry?.before;
    const dry = content && dryContentOf(content, keepExisting ? {} : noun.patch, before);
    const isChanged = before ? dry !== null && !isSame(before, dry) : changed.length > 0;
    tally.count(kind, created && !before ? 'added' : isChanged ? 'changed' : 'unchanged');
    if (kind === 'source' && hasOtherText(saved)) changedTexts.set(id, position);
    return dry && isChanged ? [{ slug: noun.slug ?? '', id, content: dry }] : [];
  }
}

/** Divides entries into runs without a repeated slug, so that two changes of an entry are written one after the other. */
function* runsOf(nouns: readonly Noun[]): Generator<readonly Noun[]> {
  let start = 0;
  let slugs = new Set<string>();
  for (const [i, { slug }] of nouns.entries()) {
    if (slug !== undefined && slugs.has(slug)) {
      yield nouns.slice(start, i);
      start = i;
      slugs = new Set();
    }
    if (slug !== undefined) slugs.add(slug);
  }
  yield nouns.slice(start);
}
