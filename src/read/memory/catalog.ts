import type { Database } from '../../db/client.ts';
import type { Actor, Event, Source, Topic } from '../../db/generated/client.ts';
import type { LogEntry } from '../../log/change.ts';
import { Slugs } from './slugs.ts';
import { TopicTree } from './topicTree.ts';

/** A source without its text, which can be a megabyte and is read only when asked for. */
export type SourceRow = Omit<Source, 'text'>;
export const WITHOUT_TEXT = { text: true } as const;

/** Rows that one shelf holds at most; a full one is emptied. */
const SHELF_LENGTH_MAX = 100_000;
/** Rows of each kind that are read at the start: the newest, which are asked for most. */
const NEWEST = { orderBy: { id: 'desc' }, take: 10_000 } as const;

/** Rows of one kind, by id, until the log says that one has changed. */
export class Shelf<Row extends { readonly id: number }> {
  readonly #rows = new Map<number, Row>();
  #version = 0;

  /** Grows with every change; what was read before a change must not be put here after it. */
  get version(): number {
    return this.#version;
  }

  get(id: number): Row | undefined {
    return this.#rows.get(id);
  }

  /** Takes rows that were read while the shelf had `version`. */
  put(rows: readonly Row[], version: number): void {
    if (version !== this.#version) return;
    if (this.#rows.size + rows.length > SHELF_LENGTH_MAX) this.#rows.clear();
    for (const row of rows) this.#rows.set(row.id, row);
  }

  async fill(read: () => Promise<Row[]>): Promise<void> {
    const version = this.#version;
    this.put(await read(), version);
  }

  forget(id: number): void {
    this.#version += 1;
    this.#rows.delete(id);
  }

  clear(): void {
    this.#version += 1;
    this.#rows.clear();
  }
}

/**
 * Actors, topics, sources and events that this process has read: small things that change rarely and that nearly
 * every answer names. The tailer forgets a row before it hands on the change, so nothing here is older than the
 * position that this process claims.
 */
export class Catalog {
  readonly actor = new Shelf<Actor>();
  readonly topic = new Shelf<Topic>();
  readonly source = new Shelf<SourceRow>();
  readonly event = new Shelf<Event>();
  readonly slugs = new Slugs();
  readonly tree = new TopicTree();

  /** Reads the newest rows, so that the first answers after a start need not look for theirs one by one. */
  async fill({ prisma }: Pick<Database, 'prisma'>): Promise<void> {
    await this.actor.fill(() => prisma.actor.findMany(NEWEST));
    await this.topic.fill(() => prisma.topic.findMany(NEWEST));
    await this.source.fill(() => prisma.source.findMany({ ...NEWEST, omit: WITHOUT_TEXT }));
    await this.event.fill(() => prisma.event.findMany(NEWEST));
  }

  /** Forgets what these changes were about. */
  apply(entries: readonly LogEntry[]): void {
    for (const { actorId, topicId, sourceId, eventId, subject } of entries) {
      if (actorId !== null) this.actor.forget(actorId);
      if (topicId !== null) this.topic.forget(topicId);
      if (topicId !== null && subject) {
        this.slugs.forgetSubtrees(topicId, subject);
        this.tree.apply(topicId, subject.parentId);
      }
      if (sourceId !== null) this.source.forget(sourceId);
      if (eventId !== null) this.event.forget(eventId);
    }
  }

  /** Forgets everything: the record has another history. */
  clear(): void {
    for (const memory of [this.actor, this.topic, this.source, this.event, this.slugs, this.tree])
      memory.clear();
  }
}
