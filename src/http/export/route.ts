import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GraphQLError } from 'graphql';
import type pg from 'pg';
import { FairQueue } from '../../base/fairQueue.ts';
import type { Database } from '../../db/client.ts';
import { onBehalfOf } from '../../db/pool/cancellation.ts';
import type { Canceller } from '../../db/pool/canceller.ts';
import { contentLines, csvLines } from '../../export/content.ts';
import { historyLines } from '../../export/history.ts';
import { selectionOf } from '../../export/selection.ts';
import { EXPORT_TIMEOUT_MS, RecordSnapshot } from '../../export/snapshot.ts';
import { type Cursor, formatCursor } from '../../log/cursor.ts';
import { readHead } from '../../log/head.ts';
import {
  CLIENT_GONE,
  type OperationFacts,
  type OperationObserver,
  setErrors,
} from '../../observe/operations.ts';
import type { Catalog } from '../../read/memory/catalog.ts';
import type { Client, ClientAddresses } from '../client/address.ts';
import type { TokenAuth } from '../client/auth.ts';
import { type OperationSource, sourceRequest } from '../client/operation.ts';
import { EXPORT_POINTS, exportPoints, REQUEST_POINTS, SQL_POINTS_PER_MS } from '../cost/prices.ts';
import type { Billing } from '../limits/billing.ts';
import type { Guard } from '../limits/guard.ts';
import { unavailable } from '../load/load.ts';
import { type MemoryBudget, REQUEST_BYTES } from '../load/memory.ts';
import type { Turns } from '../load/turns.ts';
import type { UnreadAnswers } from '../load/unread.ts';
import { sendFailure } from '../server/charge.ts';
import type { Route } from '../server/dispatch.ts';
import { namesTag, requestIdOfAnswer } from '../server/headers.ts';
import { chooseEncoding } from '../server/negotiation.ts';
import { ENCODINGS, type Encoding, sendBody } from './body.ts';
import { EXPORT_FORMS, type ExportForm, type ExportRequest, exportRequestOf, tagOf } from './request.ts';

/** Exports that one process sends at the same time, each over its own connection to PostgreSQL. Others wait. @limit exports */
export const EXPORTS_MAX = 4;
/** The same for one token, or one address without a token. @limit exports */
export const EXPORTS_PER_CLIENT_MAX = 1;

const TYPES: Readonly<Record<ExportForm, string>> = {
  jsonl: 'application/jsonl; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
};

export interface ExportRouteOptions {
  readonly db: Database;
  /** `EXPORTS_MAX` connections for exports. */
  readonly pool: pg.Pool;
  readonly canceller: Canceller;
  readonly catalog: Pick<Catalog, 'slugs' | 'languages'>;
  readonly addresses: ClientAddresses;
  readonly auth: TokenAuth;
  readonly guard: Guard;
  readonly billing: Billing;
  readonly turns: Turns;
  readonly memory: MemoryBudget;
  readonly unread: UnreadAnswers;
  /** How long an export waits for others. */
  readonly waitMs: number;
  readonly mask: (error: unknown) => GraphQLError;
  readonly observer: OperationObserver;
}

/** An export and its client. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly client: Client;
  readonly source: OperationSource & { readonly facts: OperationFacts };
  readonly wanted: ExportRequest;
  readonly encoding: Encoding | null;
  /** Who pays. */
  readonly payer: string;
  /** Ends the export. */
  readonly abort: AbortController;
}

/** `/export.jsonl` and `/export.csv`: the record at one position, for all clients that may read it. */
export function exportRoute(options: ExportRouteOptions): Route {
  const { db, pool, canceller, catalog, addresses, auth, guard, billing, turns, memory, unread } = options;
  const { mask, observer } = options;
  const queue = new FairQueue({
    slotsMax: EXPORTS_MAX,
    slotsPerClientMax: EXPORTS_PER_CLIENT_MAX,
    waitMs: options.waitMs,
    refuse: (ownShare) =>
      unavailable(
        ownShare
          ? `One client can have ${EXPORTS_PER_CLIENT_MAX} export at a time. Wait until yours has ended.`
          : 'The service sends as many exports as it can. Try again later.',
      ),
  });

  /** Answers with status 304 where the client has these bytes already. */
  function isKnown({ request, response, wanted, encoding }: Exchange, head: Cursor): boolean {
    const etag = tagOf(wanted, head, encoding);
    if (!namesTag(request.headers['if-none-match'], etag)) return false;
    response.writeHead(304, { ...CACHING, etag }).end();
    return true;
  }

  /** The pieces of an export. Its client pays for each, and gets no more than its share of this process. */
  async function* paid(
    pieces: AsyncIterable<string>,
    snapshot: RecordSnapshot,
    { source, client, payer, encoding, abort }: Exchange,
  ): AsyncGenerator<string> {
    let paidMs = 0;
    const pay = (length: number): number => {
      const points = (snapshot.sqlMs - paidMs) * SQL_POINTS_PER_MS + exportPoints(length, encoding !== null);
      paidMs = snapshot.sqlMs;
      return billing.settle(payer, Math.ceil(points), source);
    };
    try {
      for await (const piece of pieces) {
        const waitMs = pay(piece.length);
        yield piece;
        if (waitMs > 0) await sleep(waitMs, undefined, { signal: abort.signal });
        const turn = turns.take(client.key);
        if (turn) await turn;
      }
    } finally {
      pay(0); // SQL after the last piece
    }
  }

  async function send(exchange: Exchange): Promise<void> {
    const { request, response, client, source, wanted, encoding, abort } = exchange;
    const selection = await onBehalfOf(client.key, () => selectionOf({ db, catalog }, wanted.filter));
    const snapshot = await RecordSnapshot.open({ pool, canceller, signal: abort.signal });
    try {
      const { head } = snapshot;
      if (isKnown(exchange, head)) return;
      response.writeHead(200, {
        ...CACHING,
        etag: tagOf(wanted, head, encoding),
        'content-type': TYPES[wanted.form],
        'content-disposition': `attachment; filename="readout-${head.position}.${wanted.form}"`,
        'x-readout-cursor': formatCursor(head),
        ...(encoding && { 'content-encoding': encoding }),
      });
      if (request.method === 'HEAD') {
        response.end();
        return;
      }
      const lines =
        wanted.form === 'csv'
          ? csvLines(snapshot, selection, wanted.of, wanted.withMark)
          : wanted.content === 'history'
            ? historyLines(snapshot)
            : contentLines(snapshot, selection);
      const holding = memory.hold(client, REQUEST_BYTES, () => request.socket.destroy());
      try {
        const pieces = paid(lines, snapshot, exchange);
        await sendBody(pieces, { request, response, encoding, unread, holding, abort });
      } finally {
        holding.release();
      }
    } finally {
      source.facts.rows = snapshot.rows;
      await snapshot.close();
    }
  }

  async function answer(
    form: ExportForm,
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
  ): Promise<void> {
    const ended = new AbortController();
    const timer = setTimeout(() => ended.abort(), EXPORT_TIMEOUT_MS);
    response.once('close', () => ended.abort());
    const client = addresses.of(request);
    const facts = observer.begin(
      'http',
      client.key,
      requestIdOfAnswer(response),
      request.headers.traceparent,
    );
    facts.name = url.pathname;
    facts.type = 'export';
    const charged = { allowance: null, points: REQUEST_POINTS };
    const source = { client, request: sourceRequest(request), facts, answer: charged };
    try {
      guard.begin(source);
      const identity = await auth.identityOf(source);
      facts.sentBy(identity);
      guard.allow(url.pathname, identity);
      const wanted = exportRequestOf(form, url);
      const payer = billing.payerOf(identity, source);
      const encoding = chooseEncoding(request.headers['accept-encoding'], ENCODINGS);
      const exchange = { request, response, client, source, wanted, encoding, payer, abort: ended };
      if (request.headers['if-none-match'] !== undefined) {
        const head = await onBehalfOf(client.key, () => readHead(db.pool));
        if (isKnown(exchange, head)) return;
      }
      billing.spend(payer, EXPORT_POINTS, source);
      const turn = queue.acquire(payer);
      if (turn) await turn;
      try {
        await send(exchange);
      } finally {
        queue.release(payer);
      }
    } catch (error) {
      if (ended.signal.aborted) {
        facts.code = response.destroyed ? CLIENT_GONE : 'LIMIT_EXCEEDED';
        response.destroy();
      } else {
        const masked = mask(error);
        setErrors(facts, [masked]);
        if (response.headersSent)
          response.destroy(); // so that the client sees that the file is not whole
        else sendFailure(response, masked);
      }
    } finally {
      clearTimeout(timer);
      facts.points = charged.points;
      observer.end(facts);
    }
  }

  return async (request, response, url) => {
    const form = EXPORT_FORMS[url.pathname as keyof typeof EXPORT_FORMS] as ExportForm | undefined;
    if (!form) return false;
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
      return true;
    }
    response.appendHeader('vary', 'accept-encoding, authorization');
    await answer(form, request, response, url);
    return true;
  };
}

/** Caches may store an export, and must revalidate it before each use. */
const CACHING = { 'cache-control': 'private, no-cache' } as const;
