import { randomBytes } from 'node:crypto';
import { type DocumentNode, type ExecutionArgs, GraphQLError } from 'graphql';
import type { Database } from '../db/client.ts';
import { ReadoutError } from '../errors.ts';
import type { LogEntry } from '../log/change.ts';
import { formatCursor } from '../log/cursor.ts';
import type { Feed, Rendering } from '../log/delivery.ts';
import type { FacetsChange } from '../log/facets.ts';
import type { Catalog } from '../read/catalog.ts';
import { Loaders } from '../read/loaders.ts';
import {
  type Matcher,
  MatchLoaders,
  marksOf,
  namesThings,
  prepareMatcher,
  requiredMarks,
} from '../read/statementMatch.ts';
import type { Context } from '../schema/builder.ts';
import type { Role } from '../schema/identity.ts';
import { schema } from '../schema/schema.ts';
import type { DeliveredChange, LiveRequest } from '../schema/subscription.ts';
import type { Execution } from './execution.ts';
import { keyOf, type Operation, shapeOf } from './liveDocument.ts';

/** Stands in a rendering where the cursor of the change before belongs; no text of the record can contain it. */
const PREVIOUS = `previous-${randomBytes(16).toString('hex')}`;

/** Reads and renderings that everything made of one batch of changes shares. */
export interface Batch {
  /**
   * Reads for an answer, by its key: those whose document has no variables share theirs, and for others the same field can
   * ask for something else.
   */
  readonly loadFor: (answerKey: string | null) => Loaders;
  readonly match: MatchLoaders;
  /** By the answer that is wanted and the cursor of the change. */
  readonly renderings: Map<string, Promise<Rendering>>;
}

export function newBatch(db: Database, catalog: Catalog): Batch {
  const loaders = new Map<string | null, Loaders>();
  const loadFor = (answerKey: string | null): Loaders => {
    const known = loaders.get(answerKey);
    if (known) return known;
    const made = new Loaders(db, catalog);
    loaders.set(answerKey, made);
    return made;
  };
  return { loadFor, match: new MatchLoaders(db), renderings: new Map() };
}

/** Marks that the statement of a change carries, before it or after it. */
export function marksOfEntry(entry: LogEntry): string[] {
  if (!entry.facets) return [];
  const { before, after } = entry.facets;
  return before ? [...marksOf(before), ...marksOf(after)] : marksOf(after);
}

export interface FeedOptions {
  readonly operation: Operation;
  readonly request: LiveRequest;
  /** Of the one who asks; what a reader may see could come to depend on it. */
  readonly role: Role | null;
  /** Everything of a context but the reads. */
  readonly context: Omit<Context, 'load'>;
  readonly execution: Execution;
  readonly mask: (error: unknown) => GraphQLError;
}

/** Whether an error is none of the reader's making: then the change was not read, and must not count as delivered. */
function isFault({ originalError }: GraphQLError): boolean {
  return (
    originalError != null && !(originalError instanceof ReadoutError || originalError instanceof GraphQLError)
  );
}

/** One subscription operation, executed once per change for all who sent it, whatever else they filter by. */
export class OperationFeed implements Feed<Batch> {
  readonly key: string;
  readonly namesThings: boolean;
  marks: ReadonlySet<string> | null = null;
  readonly #options: FeedOptions;
  readonly #document: DocumentNode;
  readonly #answerKey: string;
  readonly #hasVariables: boolean;
  #matcher: Matcher | undefined;

  constructor(options: FeedOptions) {
    this.#options = options;
    const { operation, role } = options;
    const shape = shapeOf(operation.document);
    this.#document = shape.answer.document;
    this.#answerKey = keyOf(shape.answer, operation, role);
    this.#hasVariables = shape.answer.variables.length > 0;
    this.key = keyOf(shape.feed, operation, role);
    this.namesThings = namesThings(options.request.condition);
  }

  async prepare({ match }: Batch): Promise<void> {
    const { condition } = this.#options.request;
    [this.#matcher, this.marks] = await Promise.all([
      prepareMatcher(condition, match),
      requiredMarks(condition, match),
    ]);
  }

  async render(entries: readonly LogEntry[], batch: Batch): Promise<Rendering[]> {
    const matching = await Promise.all(entries.map((entry) => this.#matches(entry, batch.match)));
    return Promise.all(entries.filter((_, i) => matching[i]).map((entry) => this.#rendering(entry, batch)));
  }

  /** Feeds that ask for the same answer and differ in their filters share it. */
  #rendering(entry: LogEntry, { loadFor, renderings }: Batch): Promise<Rendering> {
    const cursor = formatCursor({ epoch: this.#options.context.head.epoch, position: entry.position });
    const key = `${this.#answerKey} ${cursor}`;
    const load = loadFor(this.#hasVariables ? this.#answerKey : null);
    const rendering = renderings.get(key) ?? this.#execute(entry, cursor, load);
    renderings.set(key, rendering);
    return rendering;
  }

  #matches({ kind, facets }: LogEntry, match: MatchLoaders): boolean | Promise<boolean> {
    if (!facets || !this.#options.request.kinds.has(kind)) return false;
    return this.#meets(facets, match);
  }

  /** An addition counts as it is; another change counts by how the statement was before or is after it. */
  #meets({ before, after }: FacetsChange, match: MatchLoaders): boolean | Promise<boolean> {
    const matcher = this.#matcher;
    if (!matcher) throw new Error('a feed was read before it was prepared');
    const now = matcher(after, match);
    if (now === true || !before) return now;
    if (now === false) return matcher(before, match);
    return now.then((met) => met || matcher(before, match));
  }

  async #execute(entry: LogEntry, cursor: string, load: Loaders): Promise<Rendering> {
    const { operation, context, execution, mask } = this.#options;
    const change: DeliveredChange = { cursor, previous: PREVIOUS, entry };
    const args: ExecutionArgs = {
      schema,
      document: this.#document,
      operationName: operation.operationName,
      variableValues: operation.variables,
      rootValue: change,
      contextValue: { ...context, load } satisfies Context,
    };
    const result = await execution.run(args);
    const fault = result.errors?.find(isFault);
    if (fault) throw fault.originalError;
    const body = result.errors ? { ...result, errors: result.errors.map(mask) } : result;
    return { position: entry.position, cursor, pieces: JSON.stringify(body).split(PREVIOUS) };
  }
}
