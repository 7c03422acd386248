import { PassThrough } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { it } from 'vitest';
import { bytesOf } from '../../../src/http/import/body.ts';
import { until } from '../../support/until.ts';

const PIECES = 100;

it('the body of an import is not kept in memory while it is read', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const body = new PassThrough();
  const abort = new AbortController();
  const read: WeakRef<Uint8Array>[] = [];
  const reading = (async () => {
    for await (const piece of bytesOf(body, abort)) read.push(new WeakRef(piece));
  })();
  for (let i = 0; i < PIECES; i += 1) {
    body.write(Buffer.alloc(10_000));
    await until('the piece is read', () => read.length === i + 1);
  }
  await until('the pieces are collected', () => {
    collect();
    return read.filter((piece) => piece.deref() !== undefined).length < PIECES / 10;
  });
  abort.abort();
  await reading;
});
