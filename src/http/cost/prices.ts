/*
 * Prices of everything except the fields of the schema. A point is about a microsecond of work in this process or in
 * PostgreSQL; `npm run bench:cost` compares the charged points with the measured time.
 */

/** Any HTTP request, whatever its result. */
export const REQUEST_POINTS = 300;
/** Opening a WebSocket and identifying its client. */
export const OPEN_POINTS = 600;
/** A message over a WebSocket. */
export const MESSAGE_POINTS = 30;
/** Looking up a token in the record. */
export const TOKEN_LOOKUP_POINTS = 400;
export const SQL_POINTS_PER_MS = 1_000;

/** Beginning an export: its transaction and the first reads. */
export const EXPORT_POINTS = 1_000;

/** Bytes of a body for a point: parsing it as JSON. */
const BODY_BYTES_PER_POINT = 20;
/** Bytes of a document for a point: parsing and validating it. */
const DOCUMENT_BYTES_PER_POINT = 2;
/** Bytes of an answer for a point: writing it as JSON and sending it. */
const ANSWER_BYTES_PER_POINT = 50;
/** Bytes of an export for a point: parsing what PostgreSQL sends, and writing it in the order of the input. */
const EXPORT_BYTES_PER_POINT = 20;
/** Bytes of an export for a point: compressing it. */
const COMPRESSED_BYTES_PER_POINT = 30;

export const bodyPoints = (bytes: number): number => Math.ceil(bytes / BODY_BYTES_PER_POINT);
export const documentPoints = (bytes: number): number => Math.ceil(bytes / DOCUMENT_BYTES_PER_POINT);
export const answerPoints = (bytes: number): number => Math.ceil(bytes / ANSWER_BYTES_PER_POINT);
/** @param bytes before compression. */
export const exportPoints = (bytes: number, isCompressed: boolean): number =>
  Math.ceil(bytes / EXPORT_BYTES_PER_POINT + (isCompressed ? bytes / COMPRESSED_BYTES_PER_POINT : 0));
