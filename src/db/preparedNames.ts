import { createHash } from 'node:crypto';
import type pg from 'pg';

/**
 * Characters of all texts that are prepared at a time. A plan takes some hundred bytes for each, so this bounds what a
 * connection costs PostgreSQL.
 */
const CHARACTERS_MAX = 100_000;
/** A longer text is planned for each run: it is one of many that a client can bring about. */
const TEXT_LENGTH_MAX = 8_000;
/** Lists of ids that Prisma writes out, one parameter each, have as many texts as lengths. */
const PARAMETERS_MAX = 20;
/** A text is prepared when it comes again and again; before that, it is likely one of many that come once. */
const USES_MIN = 3;
/** Texts whose uses are counted; a full memory is emptied. */
const COUNTED_MAX = 1_000;

/** The first characters of a text that PostgreSQL is to plan for its values each time, however often it comes. */
export const PLANNED_EACH_TIME = '/* planned each time */';

/**
 * Names the texts that PostgreSQL keeps prepared, Prisma's and hand-written ones. When there are too many, all names are
 * given up, and each connection drops what it has prepared before it is used again: whatever texts come, a connection
 * holds few.
 */
export class PreparedNames {
  readonly #names = new Map<string, string>();
  readonly #uses = new Map<string, number>();
  #characters = 0;
  /** Grows when all names are given up. */
  #generation = 0;
  /** The generation that a connection's prepared statements are of. */
  readonly #generations = new WeakMap<pg.Client, number>();

  /** How many texts have a name now. */
  get count(): number {
    return this.#names.size;
  }

  /** The name to prepare a text under; undefined where it is to be planned for this run. */
  nameOf(text: string): string | undefined {
    const known = this.#names.get(text);
    if (known !== undefined || !isBounded(text)) return known;
    const uses = (this.#uses.get(text) ?? 0) + 1;
    if (uses < USES_MIN) {
      if (this.#uses.size >= COUNTED_MAX) this.#uses.clear();
      this.#uses.set(text, uses);
      return undefined;
    }
    this.#uses.delete(text);
    if (this.#characters + text.length > CHARACTERS_MAX) this.#giveUp();
    const name = createHash('sha1').update(text).digest('hex');
    this.#names.set(text, name);
    this.#characters += text.length;
    return name;
  }

  /** Has a connection that is about to be used drop what it has prepared under names that were given up. */
  renew(client: pg.Client): void {
    const generation = this.#generations.get(client) ?? this.#generation;
    this.#generations.set(client, this.#generation);
    if (generation === this.#generation) return;
    const { connection } = client as unknown as { connection: { parsedStatements: Record<string, string> } };
    connection.parsedStatements = {};
    // It goes before whatever the connection is used for; where it fails, so does that.
    client.query('DEALLOCATE ALL', () => undefined);
  }

  #giveUp(): void {
    this.#names.clear();
    this.#characters = 0;
    this.#generation += 1;
  }
}

function isBounded(text: string): boolean {
  return (
    text.length <= TEXT_LENGTH_MAX &&
    !text.includes(`$${PARAMETERS_MAX + 1}`) &&
    !text.startsWith(PLANNED_EACH_TIME)
  );
}
