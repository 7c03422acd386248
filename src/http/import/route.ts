import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { GraphQLError } from 'graphql';
import { ReadoutError } from '../../base/errors.ts';
import { type Identity, requireRecorder } from '../../domain/access/identity.ts';
import { isSlug } from '../../domain/input/slug.ts';
import type { Patch } from '../../domain/save/rules.ts';
import { type CsvMap, parseCsvMap } from '../../import/read/csvMap.ts';
import { FORMATS, type Format, isFormat } from '../../import/read/readers.ts';
import type { Refusal } from '../../import/report.ts';
import {
  CLIENT_GONE,
  type OperationFacts,
  type OperationObserver,
  setErrors,
} from '../../observe/operations.ts';
import type { ClientAddresses } from '../client/address.ts';
import type { TokenAuth } from '../client/auth.ts';
import { type OperationSource, sourceRequest } from '../client/operation.ts';
import type { Sessions } from '../client/sessions.ts';
import { REQUEST_POINTS } from '../cost/prices.ts';
import type { Billing } from '../limits/billing.ts';
import type { Guard } from '../limits/guard.ts';
import type { MemoryBudget } from '../load/memory.ts';
import type { UnreadAnswers } from '../load/unread.ts';
import { sendUnpaid } from '../server/charge.ts';
import type { Route } from '../server/dispatch.ts';
import { requestIdOfAnswer } from '../server/headers.ts';
import { sendError } from '../server/send.ts';
import { bytesOf } from './body.ts';
import type { Imports } from './imports.ts';
import { ProgressStream } from './progress.ts';

const IMPORT_PATH = '/import';
/** Memory that an import holds for its batches. */
const IMPORT_BYTES = 16_777_216;

export interface ImportRouteOptions {
  readonly imports: Imports;
  readonly addresses: ClientAddresses;
  readonly auth: TokenAuth;
  readonly sessions: Sessions;
  readonly guard: Guard;
  readonly billing: Billing;
  readonly memory: MemoryBudget;
  readonly unread: UnreadAnswers;
  /** Connections whose request may take as long as it needs. */
  readonly longRequests: WeakSet<Socket>;
  readonly mask: (error: unknown) => GraphQLError;
  readonly observer: OperationObserver;
}

/** What the address of an import asks for. */
interface Wanted {
  readonly format: Format;
  readonly keepText: boolean;
  /** What the columns of a table mean. */
  readonly map: CsvMap | undefined;
  /** In the shape of its input. */
  readonly collection: Patch | null;
  readonly retractGone: boolean;
  readonly dryRun: boolean;
  readonly atomic: boolean;
}

/** What else an address can say of a collection. */
const COLLECTION_FIELDS = ['title', 'version', 'url', 'licence'] as const;
const PARAMETERS: ReadonlySet<string> = new Set([
  ...['format', 'keepText', 'map', 'collection', ...COLLECTION_FIELDS],
  ...['dryRun', 'atomic', 'retractGone'],
]);

function refuse(message: string, path: string): never {
  throw new ReadoutError('INVALID_INPUT', message, [path]);
}

function flagOf(params: URLSearchParams, name: string): boolean {
  const value = params.get(name) ?? 'false';
  if (value !== 'true' && value !== 'false') refuse(`The parameter “${name}” must be true or false.`, name);
  return value === 'true';
}

/** @throws ReadoutError INVALID_INPUT for parameters that make no import. */
function wantedOf(params: URLSearchParams): Wanted {
  for (const name of params.keys())
    if (!PARAMETERS.has(name))
      refuse(`“${name}” is not a parameter of an import. There are ${[...PARAMETERS].join(', ')}.`, name);
  const format = params.get('format') ?? 'jsonl';
  if (!isFormat(format)) refuse(`“${format}” is not a format. There are ${FORMATS.join(', ')}.`, 'format');
  const map = params.get('map');
  if (map !== null && format !== 'csv' && format !== 'tsv')
    refuse('The parameter “map” says what the columns of csv and tsv mean.', 'map');
  return {
    format,
    keepText: flagOf(params, 'keepText'),
    map: map === null ? undefined : parseCsvMap('map', map),
    collection: collectionOf(params),
    dryRun: flagOf(params, 'dryRun'),
    atomic: flagOf(params, 'atomic'),
    retractGone: flagOf(params, 'retractGone'),
  };
}

/** The collection that the address names; null for none. */
function collectionOf(params: URLSearchParams): Patch | null {
  const slug = params.get('collection');
  const given = COLLECTION_FIELDS.filter((name) => params.has(name));
  if (slug === null && given[0] !== undefined) refuse('Name the collection with “collection”.', given[0]);
  if (slug === null) return null;
  if (!isSlug(slug)) refuse('The parameter “collection” must be a slug.', 'collection');
  return { slug, ...Object.fromEntries(given.map((name) => [name, params.get(name)])) };
}

/** `POST /import`: imports the body while it arrives, and answers with progress, refusals and the report. */
export function importRoute(options: ImportRouteOptions): Route {
  const { imports, addresses, auth, guard, billing, memory, mask, observer } = options;

  async function recorderOf(source: OperationSource, facts: OperationFacts): Promise<Identity> {
    guard.begin(source);
    const identity = await auth.identityOf(source);
    facts.sentBy(identity);
    requireRecorder(identity);
    return identity;
  }

  async function run(
    request: IncomingMessage,
    response: ServerResponse,
    params: URLSearchParams,
    facts: OperationFacts,
  ): Promise<void> {
    const wanted = wantedOf(params);
    const encoding = request.headers['content-encoding'] ?? 'identity';
    if (encoding !== 'identity')
      throw new ReadoutError('INVALID_INPUT', `Send the body as it is, not as ${encoding}.`);
    const client = addresses.of(request);
    const answer = { allowance: null, points: REQUEST_POINTS };
    const source: OperationSource = { client, request: sourceRequest(request), facts, answer };
    const identity = await recorderOf(source, facts);
    const payer = billing.payerOf(identity, source);
    imports.admit(payer);
    const abort = new AbortController();
    const holding = memory.hold(client, IMPORT_BYTES, () =>
      abort.abort(
        new ReadoutError(
          'UNAVAILABLE',
          'The service needs the memory of this import for others. Try again shortly.',
        ),
      ),
    );
    const endSession = options.sessions.add(identity, (reason) =>
      abort.abort(new ReadoutError('UNAUTHENTICATED', `${reason}.`)),
    );
    response.once('close', () => {
      holding.release();
      endSession();
      options.longRequests.delete(request.socket);
      abort.abort();
    });
    options.longRequests.add(request.socket);
    const stream = new ProgressStream(request, response);
    const { format, keepText, map, ...rest } = wanted;
    const arrive = (piece: Uint8Array) => imports.arrive(piece, payer, source, abort.signal);
    const bytes = bytesOf(request, abort, arrive);
    const readOptions = { file: 'body', keepText, ...(map && { map }) };
    const items = imports.read(bytes, format, readOptions, payer, source, abort.signal);
    const pace = async (): Promise<void> => {
      if (response.writableLength > 0) options.unread.watch(request.socket);
      await stream.drained();
    };
    const engine = {
      ...rest,
      by: identity.name,
      pace,
      onRefusal: (refusal: Refusal) => stream.send({ refusal }),
      onProgress: (handled: number) => {
        facts.rows = handled;
        stream.send({ progress: { handled } });
      },
    };
    try {
      const report = await imports.run(items, engine, payer, source, abort);
      stream.send({ report });
      const { reason } = abort.signal;
      if (!report.complete && reason instanceof ReadoutError)
        stream.send({ error: { code: reason.code, message: reason.message } });
      if (!report.complete) facts.code = reason instanceof ReadoutError ? reason.code : CLIENT_GONE;
    } catch (error) {
      // The client is told why its body was cut off, not the faults of the incomplete end.
      const { reason } = abort.signal;
      const masked = mask(reason instanceof ReadoutError ? reason : error);
      setErrors(facts, [masked]);
      stream.send({ error: { code: masked.extensions.code, message: masked.message } });
    }
    facts.points = answer.points;
    stream.end();
    if (!request.complete) response.once('finish', () => request.socket.destroySoon()); // the rest of the body is not read
  }

  return async (request, response, { pathname, searchParams }) => {
    if (pathname !== IMPORT_PATH) return false;
    if (request.method !== 'POST') {
      sendError(response, 405, new ReadoutError('INVALID_INPUT', 'Send what is to be imported with POST.'), {
        allow: 'POST',
      });
      return true;
    }
    const { key } = addresses.of(request);
    const facts = observer.begin('http', key, requestIdOfAnswer(response), request.headers.traceparent);
    facts.name = IMPORT_PATH;
    facts.type = 'import';
    try {
      await run(request, response, searchParams, facts);
    } catch (error) {
      const masked = mask(error);
      setErrors(facts, [masked]);
      const { http = {} } = masked.extensions as {
        http?: { status?: number; headers?: Record<string, string> };
      };
      const cause = masked.originalError;
      // The rest of the body is not read.
      const headers = { ...http.headers, connection: 'close' };
      if (http.status === 429 && error instanceof GraphQLError) sendUnpaid(response, masked);
      else if (cause instanceof ReadoutError) sendError(response, http.status ?? 400, cause, headers);
      else throw error;
    } finally {
      observer.end(facts);
    }
    return true;
  };
}
