import { PassThrough } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { bodyPoints, importPoints, LINE_POINTS } from '../../../src/http/cost/prices.ts';
import { bytesOf } from '../../../src/http/import/body.ts';
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
