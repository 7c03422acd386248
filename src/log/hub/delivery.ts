import type { ReadoutError } from '../../base/errors.ts';
import type { AddedSlugs } from '../addedSlugs.ts';
import type { LogEntry } from '../change.ts';

/** One change as JSON text, cut where the cursor of the change before it belongs. */
export interface Rendering {
  readonly position: bigint;
  readonly cursor: string;
  readonly pieces: readonly string[];
  /** What making it has taken, at least the estimate of its feed. */
  readonly points: number;
}

/** What a feed has made of some changes. */
export interface Rendered {
  /** Those that match, in order. */
  readonly renderings: readonly Rendering[];
  /** What finding them has taken beyond the estimates of the feed, in points. */
  readonly matchPoints: number;
}

/** What making this has taken, in points, beyond the estimates for deciding on changes. */
export const pointsOf = ({ renderings, matchPoints }: Rendered): number =>
  renderings.reduce((sum, { points }) => sum + points, matchPoints);

/** One result, as every reader gets it whose last change was the same. */
export class Result {
  #bytes: Buffer | undefined;

  constructor(
    /** JSON */
    readonly text: string,
    readonly cursor: string,
  ) {}

  /** The text in UTF-8, made once for all who need it. */
  get bytes(): Buffer {
    this.#bytes ??= Buffer.from(this.text);
    return this.#bytes;
  }
}

/** Whether a change belongs to a feed; null where that depends on a search. */
export type Verdict = boolean | null;

/** What equal subscriptions share: which changes they get, and as what. */
export interface Feed<Batch> {
  /** Equal for subscriptions that get the same bytes. */
  readonly key: string;
  /** Marks of which a change must carry one to concern this feed; null: any change can. */
  readonly marks: readonly string[] | null;
  /** Whether it names something that the record did not have when it was prepared. */
  readonly isWaiting: boolean;
  /** Points for deciding on one change by the log alone. */
  readonly matchPoints: number;
  /** Additional points where searches are needed. */
  readonly searchPoints: number;
  /** Estimate of an answer, in points. */
  readonly renderPoints: number;
  /** Whether it names any of these. */
  names(added: AddedSlugs): boolean;
  /** Resolves its names. */
  prepare(batch: Batch): Promise<void>;
  /** Decides on a change by the log alone. */
  decide(entry: LogEntry): Verdict;
  /** Renders the entries that match; rejects where one could not be read whole. */
  render(entries: readonly LogEntry[], batch: Batch): Promise<Rendered>;
}

/** Changes that a feed renders at once: as many as share one round of SQL. */
const RENDER_LENGTH_MAX = 100;
/** Points of the changes that a feed renders at once, which bounds the memory that they take. */
const RENDER_POINTS_MAX = 50_000;

/** How many changes a feed renders at once, at least one. */
export function renderLengthOf({ renderPoints }: Pick<Feed<unknown>, 'renderPoints'>): number {
  return Math.max(1, Math.min(RENDER_LENGTH_MAX, Math.floor(RENDER_POINTS_MAX / renderPoints)));
}

/** Where a reader's results go. */
export interface Sink {
  /** Sends results, in order; must not throw. */
  next(results: readonly Result[]): void;
  /** Bytes sent that have not left the process. */
  readonly bufferedBytes: number;
  /** Resolves when most of them have left, or the reader is gone. */
  drained(): Promise<void>;
  /** Ends the stream: null where all is said. */
  end(error: ReadoutError | null): void;
}

/** The renderings for a reader that stands at `previous`, each with the cursor of the one before it. */
export function chain(renderings: readonly Rendering[], previous: string): Result[] {
  let before = previous;
  return renderings.map(({ pieces, cursor }) => {
    const result = new Result(pieces.join(before), cursor);
    before = cursor;
    return result;
  });
}
