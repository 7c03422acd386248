import { createHash } from 'node:crypto';
import {
  type DocumentNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { CountedCache } from '../../base/countedCache.ts';
import { ReadoutError } from '../../base/errors.ts';
import type { Role } from '../../domain/access/identity.ts';
import { schema } from '../../schema/schema.ts';
import { printedDocumentBytes } from '../graphql/documents.ts';

/*
 * Subscriptions share work on two levels, each with a key.
 *
 *   A  subscription { recordChanged(after: "7.1b…", filter: { topics: ["ceasefire"] }) { cursor statement { text } } }
 *   B  subscription { recordChanged(after: "9.c4…", filter: { topics: ["ceasefire"] }) { cursor statement { text } } }
 *   C  subscription { recordChanged(filter: { speakers: ["france"] }) { cursor statement { text } } }
 *
 * A and B differ only in `after`. They have the same **feed key**: one feed matches each change and renders it for both.
 * C has another feed, since it gets other changes. But all three differ only in `after` and `filter`, so they have the same
 * **answer key**: a change that both feeds deliver is executed and serialised once. A key also covers the operation name,
 * the role of the client and the values of the variables that the shared part of the document uses.
 */

/** A subscription as a client sends it. */
export interface Operation {
  readonly document: DocumentNode;
  readonly operationName: string | null | undefined;
  readonly variables: Readonly<Record<string, unknown>> | null | undefined;
}

/** Identifies documents that have the same meaning. */
interface DocumentKey {
  /** The printed document, without the arguments that make no difference. */
  readonly text: string;
  /** Names of the variables that this text uses, sorted. */
  readonly variables: readonly string[];
}

/** A document without some arguments of its subscription. */
interface ReducedDocument extends DocumentKey {
  readonly document: DocumentNode;
}

/** The parts of a subscription's document that other subscriptions can share. */
interface SharedParts {
  /** Without `after`. */
  readonly feed: DocumentKey;
  /** Without `after` and `filter`. */
  readonly answer: ReducedDocument;
}

/** Bytes of cached documents of subscriptions. Open subscriptions keep their own document after eviction. */
const LIVE_DOCUMENTS_BYTES_MAX = 4 * 1_048_576;

/** The shared parts of each parsed document, which the cache of parsed documents gives to all clients with the same text. */
const sharedParts = new WeakMap<DocumentNode, SharedParts>();
/** Answer documents by text, so that documents with different filters are compiled once. */
export const liveDocuments = new CountedCache<string, ReducedDocument>({
  maxSize: LIVE_DOCUMENTS_BYTES_MAX,
  sizeCalculation: ({ text }) => printedDocumentBytes(text),
});

/** The parts of a subscription's document that other subscriptions can share. */
export function sharedPartsOf(document: DocumentNode): SharedParts {
  const known = sharedParts.get(document);
  if (known) return known;
  const { text, variables } = without(document, ['after']);
  const parts = {
    feed: { text, variables },
    answer: cachedAnswer(without(document, ['after', 'filter'])),
  };
  sharedParts.set(document, parts);
  return parts;
}

function cachedAnswer(answer: ReducedDocument): ReducedDocument {
  const cached = liveDocuments.get(answer.text);
  if (cached) return cached;
  // A document without locations takes a fifth of the memory.
  const made = { ...answer, document: parse(answer.text, { noLocation: true }) };
  liveDocuments.set(answer.text, made);
  return made;
}

/** The document without these arguments of its subscription, and without the variables that only they use. */
function without(document: DocumentNode, names: readonly string[]): ReducedDocument {
  const types = new TypeInfo(schema);
  const root = schema.getSubscriptionType();
  const isRemoved = (name: string): boolean => types.getParentType() === root && names.includes(name);
  const reduced: DocumentNode = visit(
    document,
    visitWithTypeInfo(types, { Argument: (node) => (isRemoved(node.name.value) ? null : undefined) }),
  );
  const used = variablesOf(reduced);
  const result: DocumentNode = visit(reduced, {
    VariableDefinition: (node) => (used.has(node.variable.name.value) ? undefined : null),
  });
  return { document: result, text: print(result), variables: [...used].sort() };
}

/** Names of the variables that a document uses. */
function variablesOf(document: DocumentNode): Set<string> {
  const names = new Set<string>();
  visit(document, {
    VariableDefinition: () => false,
    [Kind.VARIABLE]: (node: { name: { value: string } }) => void names.add(node.name.value),
  });
  return names;
}

/** The same value with the fields of every object sorted. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, ordered(inner)]));
}

/** The feed key or answer key of an operation. */
export function keyOf({ text, variables }: DocumentKey, operation: Operation, role: Role | null): string {
  const values = variables.map((name) => [name, ordered(operation.variables?.[name])]);
  return createHash('sha256')
    .update(JSON.stringify([text, operation.operationName ?? null, values, role]))
    .digest('base64url');
}

/**
 * Checks that the field of a subscription does not depend on variables, so that its kind is known from the document.
 * @throws ReadoutError INVALID_INPUT for `@skip` or `@include` on the field, or on a fragment that contains it.
 */
export function refuseConditionalSubscription(
  operation: OperationDefinitionNode,
  document: DocumentNode,
): void {
  const waiting: SelectionNode[] = [...operation.selectionSet.selections];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (node.directives?.some(({ name }) => name.value === 'skip' || name.value === 'include')) {
      throw new ReadoutError(
        'INVALID_INPUT',
        'The field of a subscription can’t be under @skip or @include.',
        ['query'],
      );
    }
    if (node.kind === Kind.INLINE_FRAGMENT) waiting.push(...node.selectionSet.selections);
    if (node.kind !== Kind.FRAGMENT_SPREAD) continue;
    const { value } = node.name;
    for (const definition of document.definitions) {
      if (definition.kind !== Kind.FRAGMENT_DEFINITION || definition.name.value !== value) continue;
      waiting.push(...definition.selectionSet.selections);
    }
  }
}
