import { type DocumentNode, print, type Token } from 'graphql';
import { CountedCache } from '../../base/countedCache.ts';

/** Bytes of cached documents that were parsed and validated. */
const PARSED_DOCUMENTS_BYTES_MAX = 12 * 1_048_576;
/** Bytes in memory for each token of a document, with its node and locations. */
const TOKEN_BYTES = 480;
/** Bytes in memory for each character of a printed document without locations. */
const PRINTED_CHARACTER_BYTES = 48;

/** About the bytes that a document takes in memory. */
export function documentBytes(document: DocumentNode): number {
  const { loc } = document;
  if (!loc) return printedDocumentBytes(print(document));
  let bytes = loc.source.body.length;
  for (let token: Token | null = loc.startToken; token; token = token.next) bytes += TOKEN_BYTES;
  return bytes;
}

/** About the bytes of a document that was parsed from a printed text without locations. */
export function printedDocumentBytes(text: string): number {
  return PRINTED_CHARACTER_BYTES * text.length;
}

/** Caches parsed and validated documents by their text. The least recently used are evicted first. */
export function documentCache(): CountedCache<string, DocumentNode> {
  return new CountedCache({ maxSize: PARSED_DOCUMENTS_BYTES_MAX, sizeCalculation: documentBytes });
}
