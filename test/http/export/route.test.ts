import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';

import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { EXPORT_POINTS } from '../../../src/http/cost/prices.ts';
import { maskErrors } from '../../../src/http/errors.ts';
import { exportRoute } from '../../../src/http/export/route.ts';
import { OperationObserver } from '../../../src/observe/operations.ts';
import type { TestDatabase } from '../../support/database.ts';
import { exportedContent, exportedHistory, linesOf } from '../../support/exported.ts';
import { bearer, countPaid, startTestService, type TestService } from '../../support/service.ts';
import { until } from '../../support/until.ts';
import { useService } from '../../support/useService.ts';
import { record } from '../../support/world.ts';

let test: TestDatabase;
let service: TestService;
const others: TestService[] = [];

useService('world', (used) => {
  ({ test, service } = used);
});
afterAll(async () => {
  for (const other of others) await other.stop();
});

const get = (path: string, headers: Record<string, string> = {}, of: { origin: string } = service) =>
  fetch(`${of.origin}${path}`, { headers });

/** The bytes of an answer as they were sent. `fetch` would decompress them. */
const raw = (path: string, encoding: string) =>
  new Promise<{ bytes: Buffer; headers: Record<string, unknown> }>((resolve, reject) => {
    const sent = request(
      `${service.origin}${path}`,
      { headers: { 'accept-encoding': encoding } },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => resolve({ bytes: Buffer.concat(parts), headers: response.headers }));
        response.on('error', reject);
      },
    );
    sent.on('error', reject);
    sent.end();
  });

const filterOf = (filter: unknown): string => `filter=${encodeURIComponent(JSON.stringify(filter))}`;

describe('/export.jsonl', () => {
  it('sends the content at one position, with its cursor', async () => {
    await record(test.db, { slug: 'exported-first' });
    const response = await get('/export.jsonl');
    const text = await response.text();
    const { header, body } = await exportedContent(test.db);
    expect(text).toBe(`${JSON.stringify(header)}\n${body}`);
    expect(response.headers.get('x-readout-cursor')).toBe(header.cursor);
    expect(response.headers.get('content-type')).toBe('application/jsonl; charset=utf-8');
    expect(response.headers.get('content-disposition')).toMatch(
      /^attachment; filename="readout-\d+\.jsonl"$/,
    );
  });

  it('sends the history, and the statements of a filter', async () => {
    expect(await (await get('/export.jsonl?content=history')).text()).toBe(await exportedHistory(test.db));
    const found = await get(`/export.jsonl?${filterOf({ speakers: ['boris'] })}`);
    expect(linesOf(await found.text())).toHaveLength(1);
  });

  it('is answered with 304 while the record stays as it is, and the same bytes otherwise', async () => {
    const first = await raw('/export.jsonl', 'identity');
    const again = await raw('/export.jsonl', 'identity');
    expect(again.bytes.equals(first.bytes)).toBe(true);
    const etag = first.headers.etag as string;
    expect(
      (await get('/export.jsonl', { 'if-none-match': etag, 'accept-encoding': 'identity' })).status,
    ).toBe(304);
    const other = await get(`/export.jsonl?${filterOf({ acts: ['STATE'] })}`, { 'if-none-match': etag });
    expect(other.status).toBe(200);
    await other.arrayBuffer();
    await record(test.db, { slug: 'exported-second' });
    const changed = await get('/export.jsonl', { 'if-none-match': etag, 'accept-encoding': 'identity' });
    expect(changed.status).toBe(200);
    await changed.arrayBuffer();
  });

  it('is compressed as the client accepts it', async () => {
    const plain = await raw('/export.jsonl', 'identity');
    const gzip = await raw('/export.jsonl', 'gzip');
    const brotli = await raw('/export.jsonl', 'br, gzip');
    expect(gzip.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(gzip.bytes).equals(plain.bytes)).toBe(true);
    expect(brotli.headers['content-encoding']).toBe('br');
    expect(brotliDecompressSync(brotli.bytes).equals(plain.bytes)).toBe(true);
    expect(new Set([plain, gzip, brotli].map(({ headers }) => headers.etag)).size).toBe(3);
  });

  it.each([
    ['filter={', ['filter']],
    [filterOf({ speakrs: [] }), ['filter']],
    [filterOf({ speakers: ['nobody'] }), ['filter', 'speakers', 0]],
    [filterOf({ includeRetracted: true }), ['filter', 'includeRetracted']],
    [`content=history&${filterOf({ acts: [] })}`, ['filter']],
    ['content=all', ['content']],
    ['filtr={}', ['filtr']],
    ['bom=1', ['bom']],
  ])('refuses %s and names the place', async (query, path) => {
    const response = await get(`/export.jsonl?${query}`);
    expect(response.status).toBe(400);
    const { errors } = (await response.json()) as { errors: { extensions: Record<string, unknown> }[] };
    expect(errors[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT', inputPath: path });
  });

  it('needs a token where reading needs one', async () => {
    const closed = await startTestService(test.url, { READ_ACCESS: 'token' });
    others.push(closed);
    expect((await get('/export.jsonl', {}, closed)).status).toBe(401);
    const allowed = await get('/export.csv', await bearer(test.db, 'reader'), closed);
    expect(allowed.status).toBe(200);
    await allowed.arrayBuffer();
  });
});

/** Holds a lock that an export waits for, until `use` has ended. */
async function whileLocked(use: () => Promise<void>): Promise<void> {
  const client = await test.db.pool.connect();
  try {
    await client.query('BEGIN; LOCK TABLE statement_link IN ACCESS EXCLUSIVE MODE');
    await use();
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
}

/** Statements of exports that run in PostgreSQL. */
async function countRunning(): Promise<number> {
  const { rows } = await test.db.pool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'readout export' AND state = 'active'`,
  );
  return rows[0]?.count ?? 0;
}

describe('an export', () => {
  it('ends its SQL when its client goes', async () => {
    await whileLocked(async () => {
      const gone = new AbortController();
      const answer = fetch(`${service.origin}/export.jsonl`, { signal: gone.signal });
      await until('the SQL of the export', async () => (await countRunning()) === 1);
      gone.abort();
      await expect(answer).rejects.toThrow();
      await until('the end of the SQL of the export', async () => (await countRunning()) === 0);
    });
  });

  it('is refused while its client has another one', async () => {
    const mask = maskErrors(() => undefined);
    const observer = new OperationObserver(null);
    const route = exportRoute({ ...service, pool: service.exportPool, waitMs: 1, mask, observer });
    const server = createServer((asked, response) => {
      void route(asked, response, new URL(asked.url ?? '/', 'http://readout'));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const brisk = { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
    let first: Promise<Response> | undefined;
    await whileLocked(async () => {
      first = get('/export.jsonl', {}, brisk);
      await until('the SQL of the export', async () => (await countRunning()) === 1);
      const second = await get('/export.csv', {}, brisk);
      expect(second.status).toBe(503);
      expect(second.headers.get('retry-after')).toBe('2');
      expect(await second.text()).toContain('One client can have 1 export at a time');
    });
    expect((await (await first)?.text())?.length).toBeGreaterThan(0);
    await until('the end of both operations', () => [...observer.series].length === 2);
    expect([...observer.series].map(({ labels, codes }) => [labels.operation, ...codes])).toEqual([
      ['/export.csv', ['UNAVAILABLE', 1]],
      ['/export.jsonl', ['none', 1]],
    ]);
    server.close();
  });

  it('is paid for by its client where its SQL finds nothing', async () => {
    const filter = filterOf({ acts: ['THREATEN'] });
    const paid = countPaid(service);
    const locked = await test.db.pool.connect();
    await locked.query('BEGIN; LOCK TABLE statement IN ACCESS EXCLUSIVE MODE');
    const answered = get(`/export.csv?${filter}`).then((response) => response.text());
    await until('SQL of an export that waits for a lock', async () => {
      const { rowCount } = await test.db.pool.query(
        `SELECT FROM pg_stat_activity WHERE application_name = 'readout export' AND wait_event_type = 'Lock' AND datname = current_database()`,
      );
      return rowCount === 1;
    });
    // SQL is charged for the time in which the event loop is idle, which is little on a busy machine.
    const { idleTime } = performance.nodeTiming;
    await until('an idle event loop', () => performance.nodeTiming.idleTime - idleTime > 500);
    await locked.query('ROLLBACK');
    locked.release();
    expect((await answered).trim().split('\n')).toHaveLength(1); // the names of the columns
    expect(paid()).toBeGreaterThan(EXPORT_POINTS + 100_000);
  });

  it('is paid for by its client', async () => {
    const paid = countPaid(service);
    await (await get('/export.jsonl')).arrayBuffer();
    expect(paid()).toBeGreaterThan(EXPORT_POINTS);
  });
});

describe('/export.csv', () => {
  it('has CRLF line ends, and a byte order mark only on request', async () => {
    const text = await (await get('/export.csv')).text();
    expect(text.startsWith('key,slug,text,')).toBe(true);
    expect(text).toContain(',exported-first,Anna says that a truce is near.,');
    const marked = Buffer.from(await (await get('/export.csv?bom=1')).arrayBuffer());
    expect(marked.toString('utf8')).toBe(`\uFEFF${text}`);
  });
});
