/*
 * Prices of everything except the fields of the schema. A point is about a microsecond of work in this process or in
 * PostgreSQL; `npm run bench:cost` compares the charged points with the measured time.
 */

/** Any HTTP request, whatever its result. */
export const REQUEST_POINTS = 300;
/** A small piece of a body, such as a chunk of one byte. */
export const PIECE_POINTS = 2;
/** Opening a WebSocket and identifying its client. */
export const OPEN_POINTS = 600;
/** A message over a WebSocket. */
export const MESSAGE_POINTS = 30;
/** A message that begins an operation, in addition: running it and sending its outcome. */
export const SUBSCRIBE_POINTS = 120;
/** Preparing to parse and validate a document, whatever its length. */
const DOCUMENT_POINTS = 1_000;
/** Something that validation finds wrong: its error, and the search for similar names. */
const INVALIDITY_POINTS = 300;
/** Looking up a token in the record. */
export const TOKEN_LOOKUP_POINTS = 500;
export const SQL_POINTS_PER_MS = 1_000;
/** Work of another process for a client. */
export const PROCESS_POINTS_PER_MS = 1_000;
/** A statement of SQL in this process: sending it and reading its rows. A search for a name sends five. */
export const STATEMENT_POINTS = 400;
/** Running an operation in this process, whatever it does. */
const OPERATION_POINTS = 200;
/** An object of an answer in this process: reading and completing it. Its single values are paid by their bytes. */
const OBJECT_POINTS = 3;

/** Checking an entry that a mutation with a list, or an import, writes. Writing it is paid by its SQL. */
export const CHECKED_ENTRY_POINTS = 60;
/** An import, whatever it brings. */
export const IMPORT_POINTS = 2_000;
/** A line of an import: finding its end. */
export const LINE_POINTS = 3;
/** A refusal of an import: the error that it comes from, and its event. */
export const REFUSAL_POINTS = 15;

/** Beginning an export: its transaction and the first reads. */
export const EXPORT_POINTS = 1_000;

/** Bytes of a body for a point: parsing it as JSON. */
const BODY_BYTES_PER_POINT = 20;
/** Bytes of a document for a point, in addition. */
const DOCUMENT_BYTES_PER_POINT = 2;
/** Bytes of an answer for a point: writing it as JSON and sending it. */
const ANSWER_BYTES_PER_POINT = 50;
/** Bytes of an export for a point: parsing what PostgreSQL sends, and writing it in the order of the input. */
const EXPORT_BYTES_PER_POINT = 20;
/** Bytes of an export for a point: compressing it. */
const COMPRESSED_BYTES_PER_POINT = 30;

const NEWLINE = 0x0a;

/** Time in PostgreSQL, in milliseconds, and the number of statements. */
interface SqlWork {
  readonly sqlMs: number;
  readonly statements: number;
}

export interface AnswerSize {
  /** As JSON. */
  readonly bytes: number;
  /** Number of its objects. */
  readonly objects: number;
}

export const bodyPoints = (bytes: number): number => Math.ceil(bytes / BODY_BYTES_PER_POINT);
/** A piece of the body of an import. */
export function importPoints(bytes: Uint8Array): number {
  let lines = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) lines += 1;
  return bodyPoints(bytes.length) + lines * LINE_POINTS;
}
/** A document that is not cached. */
export const documentPoints = (bytes: number): number =>
  DOCUMENT_POINTS + Math.ceil(bytes / DOCUMENT_BYTES_PER_POINT);
/** @param errors that its validation has found. */
export const invalidityPoints = (errors: number): number => errors * INVALIDITY_POINTS;
export const sqlPoints = ({ sqlMs, statements }: SqlWork): number =>
  sqlMs * SQL_POINTS_PER_MS + statements * STATEMENT_POINTS;
export const answerPoints = ({ bytes, objects }: AnswerSize): number =>
  objects * OBJECT_POINTS + bytes / ANSWER_BYTES_PER_POINT;
/** A query or mutation that has run. */
export const workPoints = (sql: SqlWork, answer: AnswerSize): number =>
  Math.ceil(OPERATION_POINTS + sqlPoints(sql) + answerPoints(answer));
/** @param bytes before compression. */
export const exportPoints = (bytes: number, isCompressed: boolean): number =>
  Math.ceil(bytes / EXPORT_BYTES_PER_POINT + (isCompressed ? bytes / COMPRESSED_BYTES_PER_POINT : 0));
