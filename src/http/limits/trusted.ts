import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ReadoutError } from '../../base/errors.ts';

/** The format of Relay, urql and graphql-codegen: documents by hash. */
const byHash = z.record(z.string().min(1), z.string().min(1));
/** The format of Apollo's tools. */
const apollo = z.object({
  format: z.literal('apollo-persisted-query-manifest'),
  version: z.literal(1),
  operations: z.array(z.object({ id: z.string().min(1), body: z.string().min(1) })),
});

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The documents of a manifest. Clients without a token may run only these. */
export class TrustedDocuments {
  readonly #byId: ReadonlyMap<string, string>;
  readonly #texts: ReadonlySet<string>;

  constructor(documents: Iterable<readonly [id: string, document: string]>) {
    const given = [...documents];
    // A document has the id of its manifest and its SHA-256, which most clients send.
    this.#byId = new Map(given.flatMap(([id, text]) => [[sha256(text), text] as const, [id, text] as const]));
    this.#texts = new Set(given.map(([, text]) => text));
  }

  /** Number of different documents. */
  get count(): number {
    return this.#texts.size;
  }

  /** The document with this id; null where there is none. */
  find(id: string): string | null {
    return this.#byId.get(id.replace(/^sha256:/, '')) ?? null;
  }

  /** Whether a text is exactly one of these documents. */
  has(document: string): boolean {
    return this.#texts.has(document);
  }
}

/**
 * Reads a manifest: `{ "<hash>": "<document>" }`, or Apollo's `{ "format": "apollo-persisted-query-manifest", … }`.
 * @throws ReadoutError START_FAILED where it can't be read or is neither.
 */
export function readManifest(file: string): TrustedDocuments {
  const fail = (reason: string, cause?: unknown): never => {
    const message = `The manifest TRUSTED_DOCUMENTS=${file} can't be used: ${reason}.`;
    throw new ReadoutError('START_FAILED', message, undefined, undefined, { cause });
  };
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error), error);
  }
  const isApollo = typeof content === 'object' && content !== null && 'format' in content;
  const parsed = isApollo
    ? apollo
        .transform(({ operations }) => operations.map(({ id, body }) => [id, body] as const))
        .safeParse(content)
    : byHash.transform((documents) => Object.entries(documents)).safeParse(content);
  if (!parsed.success) {
    return fail('it must be {"<hash>": "<document>", …} or an Apollo persisted query manifest');
  }
  if (parsed.data.length === 0) return fail('it names no operation');
  return new TrustedDocuments(parsed.data);
}

/** The document that was sent, or the one with the id that was sent; null for an unknown id. */
export function documentOf(
  query: string,
  documentId: string | null | undefined,
  trusted: TrustedDocuments | null | undefined,
): string | null {
  if (query !== '' || documentId == null) return query;
  return trusted?.find(documentId) ?? null;
}

/** The error for an unknown id. Clients of persisted queries recognise it by its message. */
export function unknownDocument(): ReadoutError {
  return new ReadoutError('NOT_FOUND', 'PersistedQueryNotFound', ['documentId']);
}

/** The id of a document in a request, from Apollo's extension or Relay's parameter; null without one. */
export function documentIdOf(params: Readonly<Record<string, unknown>>): string | null {
  const { extensions, documentId } = params;
  if (typeof documentId === 'string' && documentId !== '') return documentId;
  const query = (extensions as { persistedQuery?: { sha256Hash?: unknown } } | null | undefined)
    ?.persistedQuery;
  return typeof query?.sha256Hash === 'string' ? query.sha256Hash : null;
}
