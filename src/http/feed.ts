import { createHash, randomBytes } from 'node:crypto';
import {
  type DocumentNode,
  type ExecutionArgs,
  execute,
  GraphQLError,
  Kind,
  print,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
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

/** Stands in a rendering where the cursor of the change before belongs; no text of the record can contain it. */
const PREVIOUS = `previous-${randomBytes(16).toString('hex')}`;

/** Reads that everything rendered of one batch of changes shares. */
export interface Batch {
  readonly load: Loaders;
  readonly match: MatchLoaders;
}

export function newBatch(db: Database, catalog: Catalog): Batch {
  return { load: new Loaders(db, catalog), match: new MatchLoaders(db) };
}

/** Marks that the statement of a change carries, before it or after it. */
export function marksOfEntry(entry: LogEntry): string[] {
  if (!entry.facets) return [];
  const { before, after } = entry.facets;
  return before ? [...marksOf(before), ...marksOf(after)] : marksOf(after);
}

export interface Operation {
  readonly document: DocumentNode;
  readonly operationName: string | null | undefined;
  readonly variables: Readonly<Record<string, unknown>> | null | undefined;
}

export interface FeedOptions {
  readonly operation: Operation;
  readonly request: LiveRequest;
  /** Of the one who asks; what a reader may see could come to depend on it. */
  readonly role: Role | null;
  /** Everything of a context but the reads. */
  readonly context: Omit<Context, 'load'>;
  readonly mask: (error: unknown) => GraphQLError;
}

/** Whether an error is none of the reader's making: then the change was not read, and must not count as delivered. */
function isFault({ originalError }: GraphQLError): boolean {
  return (
    originalError != null && !(originalError instanceof ReadoutError || originalError instanceof GraphQLError)
  );
}

/** What equal subscriptions have in common of their document. */
interface Common {
  readonly document: DocumentNode;
  readonly text: string;
  /** Names of the variables that it uses, in order. */
  readonly variables: readonly string[];
}

/** By document: the same text is parsed once, and so is this done once. */
const commons = new WeakMap<DocumentNode, Common>();

function commonOf(document: DocumentNode): Common {
  const known = commons.get(document);
  if (known) return known;
  const stripped = withoutAfter(document);
  const common = { document: stripped, text: print(stripped), variables: [...variablesOf(stripped)].sort() };
  commons.set(document, common);
  return common;
}

/** The document without the `after` of its subscription: where a reader resumes makes no difference to what it gets. */
function withoutAfter(document: DocumentNode): DocumentNode {
  const types = new TypeInfo(schema);
  const root = schema.getSubscriptionType();
  const stripped: DocumentNode = visit(
    document,
    visitWithTypeInfo(types, {
      Argument: (node) => (node.name.value === 'after' && types.getParentType() === root ? null : undefined),
    }),
  );
  const used = variablesOf(stripped);
  return visit(stripped, {
    VariableDefinition: (node) => (used.has(node.variable.name.value) ? undefined : null),
  });
}

/** Names of the variables that are used in a document. */
function variablesOf(document: DocumentNode): Set<string> {
  const names = new Set<string>();
  visit(document, {
    VariableDefinition: () => false,
    [Kind.VARIABLE]: (node: { name: { value: string } }) => void names.add(node.name.value),
  });
  return names;
}

/** The same value with the fields of every object in one order. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, ordered(inner)]));
}

function keyOf({ text, variables }: Common, { operation, role }: FeedOptions): string {
  const values = variables.map((name) => [name, ordered(operation.variables?.[name])]);
  return createHash('sha256')
    .update(JSON.stringify([text, operation.operationName ?? null, values, role]))
    .digest('base64url');
}

/** One subscription operation, executed once per change for all who sent it. */
export class OperationFeed implements Feed<Batch> {
  readonly key: string;
  readonly namesThings: boolean;
  marks: ReadonlySet<string> | null = null;
  readonly #options: FeedOptions;
  readonly #document: DocumentNode;
  #matcher: Matcher | undefined;

  constructor(options: FeedOptions) {
    this.#options = options;
    const common = commonOf(options.operation.document);
    this.#document = common.document;
    this.key = keyOf(common, options);
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
    return Promise.all(entries.filter((_, i) => matching[i]).map((entry) => this.#execute(entry, batch)));
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

  async #execute(entry: LogEntry, { load }: Batch): Promise<Rendering> {
    const { operation, context, mask } = this.#options;
    const cursor = formatCursor({ epoch: context.head.epoch, position: entry.position });
    const change: DeliveredChange = { cursor, previous: PREVIOUS, entry };
    const args: ExecutionArgs = {
      schema,
      document: this.#document,
      operationName: operation.operationName,
      variableValues: operation.variables,
      rootValue: change,
      contextValue: { ...context, load } satisfies Context,
    };
    const result = await execute(args);
    const fault = result.errors?.find(isFault);
    if (fault) throw fault.originalError;
    const body = result.errors ? { ...result, errors: result.errors.map(mask) } : result;
    return { position: entry.position, cursor, pieces: JSON.stringify(body).split(PREVIOUS) };
  }
}
