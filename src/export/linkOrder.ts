/** A statement with its links to exported statements. */
export interface LinkedStatement {
  readonly id: number;
  /** Slugs of the exported statements that it links to. */
  readonly links: ReadonlySet<string>;
}

/** A link from a statement to another exported one. */
export interface ExportedLink {
  readonly from: number;
  readonly to: number;
  readonly slug: string;
  /** Whether the other statement was added later than this one, so that it comes later in the export. */
  readonly isForward: boolean;
}

interface Held {
  readonly statement: LinkedStatement;
  /** The statements that must come before it. */
  readonly missing: Set<number>;
}

/**
 * Orders statements so that each comes after those that it links to. They arrive in the order in which they were added. Only a
 * revision can link to a statement that was added later, so nearly all keep their order. Statements that link to one another in a circle
 * come last, in the order of their addition.
 */
export class LinkOrder {
  /** The statements that wait for others, in the order of their addition. */
  readonly #held = new Map<number, Held>();
  /** The ids of waiting statements, by the id of the one that they wait for. */
  readonly #waiting = new Map<number, number[]>();

  /** Takes the next statement. @returns the statements that come next, often only this one. */
  take(id: number, links: readonly ExportedLink[]): LinkedStatement[] {
    const statement = { id, links: new Set(links.map(({ slug }) => slug)) };
    const before = links.filter(({ to, isForward }) => isForward || this.#held.has(to)).map(({ to }) => to);
    if (before.length === 0) return this.#after(statement);
    this.#held.set(id, { statement, missing: new Set(before) });
    for (const to of before) {
      const others = this.#waiting.get(to);
      if (others) others.push(id);
      else this.#waiting.set(to, [id]);
    }
    return [];
  }

  /** The statements that are left at the end: those in circles, and those that link to them. */
  rest(): LinkedStatement[] {
    return [...this.#held.values()].map(({ statement }) => statement);
  }

  /** A statement, and those that waited only for it. */
  #after(first: LinkedStatement): LinkedStatement[] {
    const ready = [first];
    for (const { id } of ready) {
      for (const waiting of this.#waiting.get(id) ?? []) {
        const held = this.#held.get(waiting);
        if (!held?.missing.delete(id) || held.missing.size > 0) continue;
        this.#held.delete(waiting);
        ready.push(held.statement);
      }
      this.#waiting.delete(id);
    }
    return ready;
  }
}
