import { randomBytes } from 'node:crypto';
import { type DocumentNode, type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql';
import { ReadoutError } from '../../base/errors.ts';
import { heapBytesOf } from '../../base/object.ts';
import type { Cancellation } from '../../db/pool/cancellation.ts';
import type { Role } from '../../domain/access/identity.ts';
import { type AddedSlugs, slugKey } from '../../log/addedSlugs.ts';
import type { MatchableEntry } from '../../log/change.ts';
import { formatCursor } from '../../log/cursor.ts';
import type { Candidate, Feed, FoundSearches, Rendered, Rendering } from '../../log/hub/delivery.ts';
import type { Loaders } from '../../read/loading/loaders.ts';
import type { Matcher } from '../../read/statements/conditions/kind/kind.ts';
import { requiredMarks } from '../../read/statements/marks.ts';
import { makeMatcher, matchPoints, searchesOf } from '../../read/statements/match.ts';
import { eachName, type MatchLoaders } from '../../read/statements/matchLoaders.ts';
import type { Context } from '../../schema/builder/builder.ts';
import { schema } from '../../schema/schema.ts';
import type { DeliveredChange, LiveRequest } from '../../schema/subscription.ts';
import { answerPoints, SQL_POINTS_PER_MS, sqlPoints } from '../cost/prices.ts';
import { printedDocumentBytes } from '../graphql/documents.ts';
import type { Execution } from '../graphql/execution.ts';
import { measureAnswer } from '../limits/answer.ts';
import { AnswerMemory, DELIVERED_TEXT_BYTES_MAX } from '../load/answerMemory.ts';
import type { Batch } from './batch.ts';
import { keyOf, type Operation, sharedPartsOf } from './document.ts';

/** Bytes of a feed and its channel, without its document and filter. */
const FEED_BYTES = 2_048;
/** Memory of a prepared filter for each byte of its conditions. */
const CONDITION_FACTOR = 4;

/** Unknown slugs that are listed in memory. A filter that names more is looked at whenever a slug is added. */
const MISSING_LENGTH_MAX = 5;

/** Marks the place of the previous cursor in a rendering. It is random, so no text of the record contains it. */
const PREVIOUS = `previous-${randomBytes(16).toString('hex')}`;

/** Points of preparing a statement for searches: 150 µs for a single statement, some µs for each of many. */
const SEARCHED_POINTS = 50;
/** Points of each search: PostgreSQL and the process take 15 µs for each of the first twenty, and 7 µs for each further one. */
const SEARCH_POINTS = 8;
/** Points of an answer without its operation: 100 µs for a change with one reader, 10 µs where thousands share it. */
const ANSWER_POINTS = 20;

export interface FeedOptions {
  readonly operation: Operation;
  readonly request: LiveRequest;
  /** Estimated points of the operation without its filter. */
  readonly points: number;
  /** The role of the readers, since answers may depend on it. */
  readonly role: Role | null;
  /** The context of each execution. Readers share the feed, so it contains nothing of a single reader. */
  readonly context: Omit<Context, 'load'>;
  readonly execution: Execution;
  /** Makes a meter for the work of one answer. */
  readonly meter: () => Cancellation;
  readonly mask: (error: unknown) => GraphQLError;
}

/** Whether an error is not the reader's fault. Then the change was not read, and does not count as delivered. */
function isFault({ originalError }: GraphQLError): boolean {
  return (
    originalError != null && !(originalError instanceof ReadoutError || originalError instanceof GraphQLError)
  );
}

/** The feed of a subscription operation. `document.ts` explains what it shares with others. */
export class OperationFeed implements Feed<Batch> {
  readonly key: string;
  readonly matchPoints: number;
  readonly searchPoints: number;
  readonly renderPoints: number;
  marks: readonly string[] | null = null;
  missing: readonly string[] | null = [];
  readonly #options: FeedOptions;
  readonly #document: DocumentNode;
  readonly #text: string;
  readonly #answerKey: string;
  readonly #hasVariables: boolean;
  readonly #searches: readonly string[];
  #matcher: Matcher | undefined;

  constructor(given: FeedOptions) {
    const { operation, role } = given;
    const shared = sharedPartsOf(operation.document);
    // Variables can be large, so only those of the answer are kept.
    const { document, variables: names } = shared.answer;
    const variables = Object.fromEntries(
      names.flatMap((name) =>
        operation.variables && name in operation.variables ? [[name, operation.variables[name]]] : [],
      ),
    );
    this.#options = { ...given, operation: { ...operation, document, variables } };
    this.#document = shared.answer.document;
    this.#text = shared.answer.text;
    this.#answerKey = keyOf(shared.answer, operation, role);
    this.#hasVariables = shared.answer.variables.length > 0;
    this.key = keyOf(shared.feed, operation, role);
    this.matchPoints = matchPoints(given.request.condition);
    this.#searches = searchesOf(given.request.condition);
    this.searchPoints = SEARCHED_POINTS + SEARCH_POINTS * this.#searches.length;
    this.renderPoints = ANSWER_POINTS + given.points;
  }

  names(added: AddedSlugs): boolean {
    let found = false;
    eachName(this.#options.request.condition, (kind, slug) => {
      found ||= added.get(kind)?.has(slug) === true;
    });
    return found;
  }

  /** Estimated bytes in memory. */
  get bytes(): number {
    const { operation, request } = this.#options;
    return (
      FEED_BYTES +
      printedDocumentBytes(this.#text) +
      heapBytesOf(operation.variables) +
      heapBytesOf(request.condition, CONDITION_FACTOR)
    );
  }

  async prepare({ match }: Batch): Promise<void> {
    const { condition } = this.#options.request;
    const names = await match.prepare(condition);
    this.#matcher = makeMatcher(condition, names);
    this.marks = requiredMarks(condition, names);
    const missing = new Set<string>();
    eachName(condition, (kind, slug) => {
      if (!names[kind].has(slug)) missing.add(slugKey(kind, slug));
    });
    this.missing = missing.size <= MISSING_LENGTH_MAX ? [...missing] : null;
  }

  /** An addition matches by the new statement. Another change matches if the statement matches before or after it. */
  candidate(entry: MatchableEntry): Candidate | null {
    const matcher = this.#matcher;
    if (!matcher) throw new Error('a feed was read before it was prepared');
    const { kind, facets } = entry;
    if (!facets || !this.#options.request.kinds.has(kind)) return null;
    const { before, after } = facets;
    const now = matcher(after, null);
    const then = before !== null && now !== true && matcher(before, null);
    if (now === true || then === true) return { entry, decide: null };
    if (now === false && then === false) return null;
    const decide = (found: FoundSearches): boolean =>
      matcher(after, found.after) === true || (before !== null && matcher(before, found.before) === true);
    return { entry, decide };
  }

  async render(candidates: readonly Candidate[], batch: Batch): Promise<Rendered> {
    let matchPoints = 0;
    const matches = ({ entry, decide }: Candidate): boolean | Promise<boolean> => {
      if (decide === null) return true;
      return this.#search(entry, batch.match).then(({ found, sqlMs }) => {
        matchPoints += Math.max(0, Math.ceil(sqlMs * SQL_POINTS_PER_MS - this.searchPoints));
        return decide(found);
      });
    };
    const verdicts = candidates.map(matches);
    const matching = verdicts.some((verdict) => verdict !== true) ? await Promise.all(verdicts) : verdicts;
    const matched = candidates.filter((_, i) => matching[i]);
    const renderings = await Promise.all(matched.map(({ entry }) => this.#rendering(entry, batch)));
    return { renderings, matchPoints };
  }

  /** The rendering of a change, which feeds with the same answer key share. */
  #rendering(entry: MatchableEntry, { loadFor, renderings }: Batch): Promise<Rendering> {
    const cursor = formatCursor(entry);
    const key = `${this.#answerKey} ${cursor}`;
    const load = loadFor(this.#hasVariables ? this.#answerKey : null);
    const rendering = renderings.get(key) ?? this.#execute(entry, cursor, load);
    renderings.set(key, rendering);
    return rendering;
  }

  /** The searches that find the statement of a change, and the time of SQL that they took. */
  async #search(
    { facets, statementId }: MatchableEntry,
    match: MatchLoaders,
  ): Promise<{ found: FoundSearches; sqlMs: number }> {
    if (!facets) throw new Error('a change without a statement was searched');
    const { before, after } = facets;
    const [then, now] = await Promise.all([
      before && match.search(before, this.#searches, null),
      match.search(after, this.#searches, statementId),
    ]);
    return {
      found: { before: then?.found ?? null, after: now.found },
      sqlMs: (then?.sqlMs ?? 0) + now.sqlMs,
    };
  }

  /** A result as it is delivered, and the number of its objects; an error where it is too large. */
  #bodyOf(result: ExecutionResult): { readonly body: ExecutionResult; readonly objects: number } {
    const { mask } = this.#options;
    if (result.errors) return { body: { ...result, errors: result.errors.map(mask) }, objects: 0 };
    try {
      return { body: result, objects: measureAnswer(result, 'DELIVERED_BYTES_MAX') };
    } catch (error) {
      return { body: { errors: [mask(error)] }, objects: 0 };
    }
  }

  async #execute(entry: MatchableEntry, cursor: string, load: Loaders): Promise<Rendering> {
    const { operation, context, execution, meter } = this.#options;
    const change: DeliveredChange = { cursor, previous: PREVIOUS, entry };
    const args: ExecutionArgs = {
      schema,
      document: this.#document,
      operationName: operation.operationName,
      variableValues: operation.variables,
      rootValue: change,
      contextValue: {
        ...context,
        load,
        memory: new AnswerMemory(DELIVERED_TEXT_BYTES_MAX, null),
      } satisfies Context,
    };
    const work = meter();
    const result = await work.run(() => execution.run(args));
    const fault = result.errors?.find(isFault);
    if (fault) throw fault.originalError;
    const { body, objects } = this.#bodyOf(result);
    const text = JSON.stringify(body);
    const points =
      ANSWER_POINTS + sqlPoints(work) + answerPoints({ bytes: Buffer.byteLength(text), objects });
    return {
      position: entry.position,
      atMs: entry.at.getTime(),
      cursor,
      pieces: text.split(PREVIOUS),
      // What the process has done for an error is known by the estimate only.
      points: Math.ceil(body.errors ? Math.max(this.renderPoints, points) : points),
    };
  }
}
