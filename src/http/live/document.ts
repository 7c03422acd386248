import { createHash } from 'node:crypto';
import { type DocumentNode, Kind, parse, print, TypeInfo, visit, visitWithTypeInfo } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Role } from '../../domain/access/identity.ts';
import { schema } from '../../schema/schema.ts';
import { printedDocumentBytes } from '../graphql/documents.ts';

export interface Operation {
  readonly document: DocumentNode;
  readonly operationName: string | null | undefined;
  readonly variables: Readonly<Record<string, unknown>> | null | undefined;
}

/** What tells a document from others. */
interface Said {
  readonly text: string;
  /** Names of the variables that it uses, in order. */
  readonly variables: readonly string[];
}

/** A document without some arguments of its subscription. */
interface Stripped extends Said {
  readonly document: DocumentNode;
}

/** What subscriptions can have in common of their document. */
interface Shape {
  /** Where a reader resumes makes no difference to which changes it gets. */
  readonly feed: Said;
  /** Which changes a reader gets makes no difference to what it gets of each. */
  readonly answer: Stripped;
}

/** Bytes of cached documents of subscriptions. Open subscriptions keep their own document after eviction. */
export const LIVE_DOCUMENTS_BYTES_MAX = 4 * 1_048_576;

/** By document: the same text is parsed once, and so is this done once. */
const shapes = new WeakMap<DocumentNode, Shape>();
/** By text: documents that only say different filters are executed, and compiled, as one. */
const answers = new LRUCache<string, Stripped>({
  maxSize: LIVE_DOCUMENTS_BYTES_MAX,
  sizeCalculation: ({ text }) => printedDocumentBytes(text),
});

/** What a document of a subscription has in common with others; worked out once. */
export function shapeOf(document: DocumentNode): Shape {
  const known = shapes.get(document);
  if (known) return known;
  const { text, variables } = strip(document, ['after']);
  const shape = { feed: { text, variables }, answer: sharedAnswer(strip(document, ['after', 'filter'])) };
  shapes.set(document, shape);
  return shape;
}

function sharedAnswer(answer: Stripped): Stripped {
  const shared = answers.get(answer.text);
  if (shared) return shared;
  // A document without locations takes a fifth of the memory.
  const made = { ...answer, document: parse(answer.text, { noLocation: true }) };
  answers.set(answer.text, made);
  return made;
}

/** The document without these arguments of its subscription, and without the variables that only they use. */
function strip(document: DocumentNode, names: readonly string[]): Stripped {
  const types = new TypeInfo(schema);
  const root = schema.getSubscriptionType();
  const isStripped = (name: string): boolean => types.getParentType() === root && names.includes(name);
  const bare: DocumentNode = visit(
    document,
    visitWithTypeInfo(types, { Argument: (node) => (isStripped(node.name.value) ? null : undefined) }),
  );
  const used = variablesOf(bare);
  const stripped: DocumentNode = visit(bare, {
    VariableDefinition: (node) => (used.has(node.variable.name.value) ? undefined : null),
  });
  return { document: stripped, text: print(stripped), variables: [...used].sort() };
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

/** Equal for operations that come to the same, so far as the document says it. */
export function keyOf({ text, variables }: Said, operation: Operation, role: Role | null): string {
  const values = variables.map((name) => [name, ordered(operation.variables?.[name])]);
  return createHash('sha256')
    .update(JSON.stringify([text, operation.operationName ?? null, values, role]))
    .digest('base64url');
}
