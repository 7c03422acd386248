import { PassThrough } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { bodyPoints, importPoints, LINE_POINTS } from '../../../src/http/cost/prices.ts';
import { bytesOf, IMPORT_BYTES_PER_SECOND_MIN } from '../../../src/http/import/body.ts';
import { readLines } from '../../../src/import/read/lines.ts';
import { until } from '../../support/until.ts';

const PIECES = 100;

it('the body of an import is not kept in memory while it is read', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const body = new PassThrough();
  const abort = new AbortController();
  const read: WeakRef<Uint8Array>[] = [];
  let length = 0;
  const reading = (async () => {
    for await (const piece of bytesOf(body, abort, async () => undefined)) {
      length += piece.length;
      read.push(new WeakRef(piece));
    }
  })();
  for (let i = 0; i < PIECES; i += 1) {
    body.write(Buffer.alloc(10_000));
    await until('the piece is read', () => length === (i + 1) * 10_000);
  }
  await until('the pieces are collected', () => {
    collect();
    return read.filter((piece) => piece.deref() !== undefined).length < read.length / 10;
  });
  abort.abort();
  await reading;
});

it('lines without content take turns with other requests', async () => {
  const body = new PassThrough({ highWaterMark: 1_000_000 });
  body.end(Buffer.alloc(500_000, '\n'));
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  });
  let lines = 0;
  for await (const _ of readLines(bytesOf(body, new AbortController(), async () => undefined))) lines += 1;
  clearInterval(timer);
  expect(lines).toBe(500_000);
  expect(turns).toBeGreaterThan(3);
});

it('each piece of a body is paid before it is read, by its bytes and lines', async () => {
  const body = new PassThrough();
  body.end('{}\n{}\n');
  let points = 0;
  const arrive = async (piece: Uint8Array) => {
    points += importPoints(piece);
  };
  for await (const _ of bytesOf(body, new AbortController(), arrive))
    expect(points).toBe(bodyPoints(6) + 2 * LINE_POINTS);
  expect(points).toBeGreaterThan(0);
});

const PATIENCE_MS = 300;

/** Sends pieces of a body, one after each pause, and answers how many bytes were read and why the import ended. */
async function sendSlowly(pieces: readonly Uint8Array[], pauseMs: number): Promise<[number, unknown]> {
  const body = new PassThrough();
  const abort = new AbortController();
  const timers = pieces.map((piece, i) => setTimeout(() => body.write(piece), i * pauseMs));
  timers.push(setTimeout(() => body.end(), pieces.length * pauseMs));
  let length = 0;
  for await (const piece of bytesOf(body, abort, async () => undefined, PATIENCE_MS)) length += piece.length;
  for (const timer of timers) clearTimeout(timer);
  return [length, abort.signal.reason];
}

it('an import whose client sends a byte now and then ends, and one that sends enough goes on', async () => {
  const bytes = Array.from({ length: 20 }, () => Buffer.alloc(1));
  const [length, reason] = await sendSlowly(bytes, PATIENCE_MS / 5);
  expect(length).toBeLessThan(bytes.length);
  expect(reason).toMatchObject({
    code: 'LIMIT_EXCEEDED',
    details: { limit: 'IMPORT_BYTES_PER_SECOND_MIN' },
  });
  const pieces = Array.from({ length: 20 }, () => Buffer.alloc(IMPORT_BYTES_PER_SECOND_MIN));
  expect(await sendSlowly(pieces, PATIENCE_MS / 5)).toEqual([20 * IMPORT_BYTES_PER_SECOND_MIN, undefined]);
});
