import { createHash } from 'node:crypto';
import pg from 'pg';

/**
 * Characters of all prepared texts. A plan takes some hundred bytes for each character, so this bounds the memory of a
 * connection in PostgreSQL.
 */
const CHARACTERS_MAX = 100_000;
/** A longer text is planned at each run: clients can cause many such texts. */
const TEXT_LENGTH_MAX = 8_000;
/** Prisma writes a parameter for each id of a list, so each length of a list makes a different text. */
const PARAMETERS_MAX = 20;
/** A text is prepared after this many uses, because most texts are used once. */
const USES_MIN = 3;
/** Texts whose uses are counted. A full map is cleared. */
const COUNTED_MAX = 1_000;

/**
 * Names the SQL texts that PostgreSQL keeps prepared, both Prisma's and hand-written ones. When there are too many, all names
 * are dropped, and each connection deallocates its prepared statements before its next use.
 */
export class PreparedNames {
  readonly #names = new Map<string, string>();
  readonly #uses = new Map<string, number>();
  #characters = 0;
  hits = 0;
  misses = 0;
  /** Incremented when all names are dropped. */
  #generation = 0;
  /** The generation of each connection's prepared statements. */
  readonly #generations = new WeakMap<pg.Client, number>();

  /** How many texts have a name. */
  get count(): number {
    return this.#names.size;
  }

  /** The name to prepare a text under; undefined where it is planned for this run only. */
  nameOf(text: string): string | undefined {
    const known = this.#names.get(text);
    if (known === undefined) this.misses += 1;
    else this.hits += 1;
    if (known !== undefined || !isBounded(text)) return known;
    const uses = (this.#uses.get(text) ?? 0) + 1;
    if (uses < USES_MIN) {
      if (this.#uses.size >= COUNTED_MAX) this.#uses.clear();
      this.#uses.set(text, uses);
      return undefined;
    }
    this.#uses.delete(text);
    if (this.#characters + text.length > CHARACTERS_MAX) this.drop();
    const name = createHash('sha1').update(text).digest('hex');
    this.#names.set(text, name);
    this.#characters += text.length;
    return name;
  }

  /** Drops all names. What was prepared under them can refer to tables and types that were replaced since. */
  drop(): void {
    this.#names.clear();
    this.#characters = 0;
    this.#generation += 1;
  }

  /** Deallocates the statements that a connection has prepared under dropped names, before its next use. */
  renew(client: pg.Client): void {
    const generation = this.#generations.get(client) ?? this.#generation;
    this.#generations.set(client, this.#generation);
    if (generation === this.#generation) return;
    const { connection } = client as unknown as { connection: { parsedStatements: Record<string, string> } };
    connection.parsedStatements = {};
    // It runs before the next statement of the connection. If it fails, so does that statement.
    client.query('DEALLOCATE ALL', () => undefined);
  }
}

function isBounded(text: string): boolean {
  return text.length <= TEXT_LENGTH_MAX && !text.includes(`$${PARAMETERS_MAX + 1}`);
}

/**
 * A statement with the name that it is prepared under. The driver takes a text as it is; it copies the properties of a configuration one
 * by one, which takes 3 µs.
 */
class NamedQuery extends pg.Query {
  readonly name: string | undefined;

  constructor(text: string, values: unknown[], name: string | undefined) {
    super(text, values);
    this.name = name;
  }
}

/**
 * Runs a statement on a connection of the pool.
 * @param name that it is prepared under; undefined where PostgreSQL plans it for this run only.
 */
export async function queryNamed<Row extends object>(
  pool: pg.Pool,
  name: string | undefined,
  text: string,
  values: unknown[],
): Promise<Row[]> {
  // The library's types know no promise for a query object.
  const result: unknown = await pool.query(new NamedQuery(text, values, name));
  return (result as pg.QueryResult<Row>).rows;
}
