import type { Actor, Event, Source, Topic } from '../db/generated/client.ts';
import type { LogEntry } from '../log/change.ts';

/** A source without its text, which can be a megabyte and is read only when asked for. */
export type SourceRow = Omit<Source, 'text'>;
export const WITHOUT_TEXT = { text: true } as const;

/** Rows that one shelf holds at most; a full one is emptied. */
const SHELF_LENGTH_MAX = 100_000;

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

  /** Forgets what these changes were about. */
  apply(entries: readonly LogEntry[]): void {
    for (const { actorId, topicId, sourceId, eventId } of entries) {
      if (actorId !== null) this.actor.forget(actorId);
      if (topicId !== null) this.topic.forget(topicId);
      if (sourceId !== null) this.source.forget(sourceId);
      if (eventId !== null) this.event.forget(eventId);
    }
  }

  /** Forgets everything: the record has another history. */
  clear(): void {
    for (const shelf of [this.actor, this.topic, this.source, this.event]) shelf.clear();
  }
}
