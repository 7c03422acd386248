import type { Database } from '../../db/client.ts';
import {
  type Account,
  countOtherStatements,
  readAccountStatements,
  readAccounts,
  readOtherStatements,
} from '../comparison/accounts.ts';
import { type ComparisonCell, readCellStatements } from '../comparison/cells.ts';
import { type ComparisonRow, type RowPage, readRows } from '../comparison/rows.ts';
import { type ComparedEvent, type Comparison, readComparedEvents } from '../comparison/sides.ts';
import { isOneSided, readVerdicts, type Verdict } from '../comparison/verdict.ts';
import { readByEvents, STATEMENT_POINTS } from '../comparison/work.ts';
import { groupBy } from '../group.ts';
import type { MaybePromise } from '../maybePromise.ts';
import { ArgumentLoader, Loader } from '../memory/loader.ts';
import { type Slice, sliceOf } from '../slice.ts';

/** The rows of a comparison that a client chooses. */
export interface RowsRequest {
  /** Only these sides are compared; null for all sides of the event. */
  readonly sideIds: readonly number[] | null;
  /** Only rows of these topics; null for all. */
  readonly topicIds: readonly number[] | null;
}

/** A page of the rows of a comparison. */
interface PageRequest {
  readonly comparison: Comparison;
  readonly slice: Slice;
}

const COUNT_ONLY: Slice = { first: 0, offset: 0 };
const sidesOf = ({ sideIds }: Comparison): readonly number[] => sideIds;
const sideOf = ({ sideId }: { readonly sideId: number }): readonly number[] => [sideId];

/** Reads accounts and comparisons of events for one operation. Requests of one tick share their SQL statements. */
export class ComparisonLoaders {
  readonly #db: Database;
  /** Comparisons by event and sides, each once, so that rows of different comparisons can be distinguished by it. */
  readonly #comparisons = new Map<string, Comparison>();
  readonly #rows: ArgumentLoader<Pick<RowsRequest, 'topicIds'>, RowPage, string>;
  readonly #requests = new Map<string, PageRequest>();
  readonly #verdicts: Loader<ComparisonRow, Verdict>;

  readonly event: Loader<number, ComparedEvent>;
  /** The accounts of all sides, by event. */
  readonly accounts: Loader<number, readonly Account[]>;
  readonly accountStatements: ArgumentLoader<Slice, number[], Account>;
  readonly cellStatements: ArgumentLoader<Slice, number[], ComparisonCell>;
  /** The statements that are in no account, by event. */
  readonly otherStatements: ArgumentLoader<Slice, number[]>;
  readonly otherStatementCount: Loader<number, number>;

  constructor(db: Database) {
    this.#db = db;
    this.event = new Loader((ids) => readComparedEvents(db, ids));
    const ofAllSides = (ids: readonly number[]) => Promise.all(ids.map((id) => this.#comparisonOf(id, null)));
    this.accounts = new Loader(async (ids) =>
      readByEvents(await ofAllSides(ids), STATEMENT_POINTS.counted, sidesOf, (some) =>
        readAccounts(db, some),
      ),
    );
    this.otherStatements = new ArgumentLoader(async (ids, slice) =>
      readByEvents(await ofAllSides(ids), STATEMENT_POINTS.listed, sidesOf, (some) =>
        readOtherStatements(db, some, slice),
      ),
    );
    this.otherStatementCount = new Loader(async (ids) =>
      readByEvents(await ofAllSides(ids), STATEMENT_POINTS.counted, sidesOf, (some) =>
        countOtherStatements(db, some),
      ),
    );
    this.accountStatements = new ArgumentLoader((accounts, slice) =>
      readByEvents(accounts, STATEMENT_POINTS.listed, sideOf, (some) =>
        readAccountStatements(db, some, slice),
      ),
    );
    this.cellStatements = new ArgumentLoader((cells, slice) =>
      readByEvents(cells, STATEMENT_POINTS.listedInCell, sideOf, (some) =>
        readCellStatements(db, some, slice),
      ),
    );
    this.#rows = new ArgumentLoader((keys, { topicIds }) => this.#readRows(keys, topicIds));
    this.#verdicts = new Loader((rows) =>
      readByEvents(
        rows.map((row) => ({ event: row.comparison.event, row })),
        STATEMENT_POINTS.related,
        ({ row }) => row.comparison.sideIds,
        (some) =>
          readVerdicts(
            db,
            some.map(({ row }) => row),
          ),
      ),
    );
  }

  /** A page of the rows of an event's comparison. */
  async rows(eventId: number, { sideIds, topicIds }: RowsRequest, slice: Slice): Promise<RowPage> {
    const comparison = await this.#comparisonOf(eventId, sideIds);
    const key = JSON.stringify([eventId, sideIds, slice]);
    this.#requests.set(key, { comparison, slice });
    return this.#rows.load(key, { topicIds });
  }

  /** Number of rows of an event's comparison. */
  async rowCount(eventId: number, request: RowsRequest): Promise<number> {
    return (await this.rows(eventId, request, COUNT_ONLY)).count;
  }

  verdict(row: ComparisonRow): MaybePromise<Verdict> {
    return isOneSided(row) ? 'ONE_SIDED' : this.#verdicts.load(row);
  }

  async #comparisonOf(eventId: number, chosenIds: readonly number[] | null): Promise<Comparison> {
    const event = await this.event.load(eventId);
    const key = JSON.stringify([eventId, chosenIds]);
    const known = this.#comparisons.get(key);
    if (known) return known;
    const made = { event, sideIds: chosenIds ?? event.sideIds };
    this.#comparisons.set(key, made);
    return made;
  }

  /** Pages with the same bounds are read together. A page inside another one of the same comparison is taken from it, and so is a count. */
  async #readRows(keys: readonly string[], topicIds: readonly number[] | null): Promise<RowPage[]> {
    const requests = keys.map((key) => this.#requests.get(key) as PageRequest);
    const largestFirst = [...requests].sort((a, b) => b.slice.first - a.slice.first);
    const hosts = requests.map((request) => largestFirst.find((other) => covers(other, request)) ?? request);
    const pages = new Map<PageRequest, RowPage>();
    for (const [, same] of groupBy(new Set(hosts), ({ slice }) => `${slice.first} ${slice.offset}`)) {
      const { slice } = same[0] as PageRequest;
      const found = await readByEvents(
        same.map(({ comparison }) => comparison),
        slice.first > 0 ? STATEMENT_POINTS.compared : STATEMENT_POINTS.placedInRows,
        sidesOf,
        (some) => readRows(this.#db, some, topicIds, slice),
      );
      for (const [i, request] of same.entries()) pages.set(request, found[i] as RowPage);
    }
    return requests.map(({ slice }, i) => {
      const host = hosts[i] as PageRequest;
      const { rows, count } = pages.get(host) as RowPage;
      return { rows: sliceOf(rows, { first: slice.first, offset: slice.offset - host.slice.offset }), count };
    });
  }
}

/** Whether a page has all rows of a smaller one. */
function covers(page: PageRequest, { comparison, slice }: PageRequest): boolean {
  if (page.comparison !== comparison || page.slice.first <= slice.first) return false;
  const { first, offset } = page.slice;
  return slice.first === 0 || (offset <= slice.offset && slice.offset + slice.first <= offset + first);
}
