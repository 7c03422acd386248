import type { ReadoutError } from '../../base/errors.ts';
import type { Transport } from '../../observe/operations.ts';
import type { AddedSlugs } from '../addedSlugs.ts';
import type { MatchableEntry } from '../change.ts';

/*
 * How a change reaches its subscribers:
 *
 *   log → Tailer → Hub → Channel (a Feed and its Readers) → Sink (WebSocket, event stream)
 *
 * The tailer reads each committed change once. The hub looks up the channels that the change can match by its marks, for
 * example `topic 7`, and asks each feed to decide. A feed that matches renders the change to JSON once for all its readers,
 * cut at the place of `previous`, the only part that differs between readers. `resultsAfter` fills it in.
 *
 * Example: 1,000 readers follow topic 7, and 10 readers follow topic 8. They have two feeds. A change of topic 7 is matched
 * once, executed once and serialised once, and its bytes are written to 1,000 sockets. A reader that resumes first gets the
 * past from the log (`CatchUp`), page by page, and joins its channel at the exact next position.
 */

/** One change as JSON text, divided where the cursor of the previous change belongs. */
export interface Rendering {
  readonly position: bigint;
  /** When the change was committed, in milliseconds since 1970. */
  readonly atMs: number;
  readonly cursor: string;
  readonly pieces: readonly string[];
  /** Points of its work: as measured, but at least the estimate of its feed. */
  readonly points: number;
}

/** The result of rendering some changes. */
export interface Rendered {
  /** The changes that match, in order. */
  readonly renderings: readonly Rendering[];
  /** Points of the searches that decided on them, beyond the estimates of the feed. */
  readonly matchPoints: number;
}

/** Points of the whole work, beyond the estimates for deciding on changes. */
export const pointsOf = ({ renderings, matchPoints }: Rendered): number =>
  renderings.reduce((sum, { points }) => sum + points, matchPoints);

/** One change as a reader receives it. Readers with the same previous cursor share it. */
export class Result {
  #bytes: Buffer | undefined;

  constructor(
    /** JSON */
    readonly text: string,
    readonly cursor: string,
  ) {}

  /** The text in UTF-8, encoded once for all readers. */
  get bytes(): Buffer {
    this.#bytes ??= Buffer.from(this.text);
    return this.#bytes;
  }
}

/** The searches that find the statement of a change, before and after it. `before` is null for an addition. */
export interface FoundSearches {
  readonly before: ReadonlySet<string> | null;
  readonly after: ReadonlySet<string>;
}

/** A change that matches a feed, or may match it. */
export interface Candidate {
  readonly entry: MatchableEntry;
  /** Decides by the searches that find the statement; null where the change matches in any case. */
  readonly decide: ((found: FoundSearches) => boolean) | null;
}

/** Shared by identical subscriptions: selects their changes, and renders each once. */
export interface Feed<Batch> {
  /** The same for subscriptions that receive the same bytes. `http/live/document.ts` explains it. */
  readonly key: string;
  /** A change must carry one of these marks to match; null: every change may match. */
  readonly marks: readonly string[] | null;
  /** Keys of the slugs that it names and that were unknown when it was prepared, see `slugKey`; null: there are many. */
  readonly missing: readonly string[] | null;
  /** Points of deciding on one change by its log entry. */
  readonly matchPoints: number;
  /** Additional points of a decision that needs searches. */
  readonly searchPoints: number;
  /** Estimated points of rendering a change. */
  readonly renderPoints: number;
  /** Whether it names one of these slugs. */
  names(added: AddedSlugs): boolean;
  /** Resolves the slugs that it names. */
  prepare(batch: Batch): Promise<void>;
  /** Decides on a change by its log entry; null where it does not match. */
  candidate(entry: MatchableEntry): Candidate | null;
  /** Renders the changes that match. Rejects where one could not be read completely. */
  render(candidates: readonly Candidate[], batch: Batch): Promise<Rendered>;
}

/** Changes that a feed renders at the same time. They share one round of SQL. */
const RENDER_LENGTH_MAX = 100;
/** Points of the changes that a feed renders at the same time, which bounds their memory. */
const RENDER_POINTS_MAX = 50_000;

/** Number of changes that a feed renders at the same time, at least one. */
export function renderLengthOf({ renderPoints }: Pick<Feed<unknown>, 'renderPoints'>): number {
  return Math.max(1, Math.min(RENDER_LENGTH_MAX, Math.floor(RENDER_POINTS_MAX / renderPoints)));
}

/** The transport of one subscription. */
export interface Sink {
  readonly transport: Exclude<Transport, 'http'>;
  /** Sends results, in order. It must not throw. */
  next(results: readonly Result[]): void;
  /** Bytes that were sent and have not left the process. */
  readonly bufferedBytes: number;
  /** Resolves when most of these bytes have left, or the client has gone. */
  drained(): Promise<void>;
  /** Ends the stream, with an error or null. */
  end(error: ReadoutError | null): void;
}

/** The results for a reader whose last change was `previous`. Each contains the cursor of the change before it. */
export function resultsAfter(previous: string, renderings: readonly Rendering[]): Result[] {
  let before = previous;
  return renderings.map(({ pieces, cursor }) => {
    const result = new Result(pieces.join(before), cursor);
    before = cursor;
    return result;
  });
}
