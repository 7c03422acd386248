import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ReadoutError } from '../../../base/errors.ts';
import type { ItemSource, ReadOptions } from '../../item.ts';
import { readDna } from './reader.ts';

/** Bytes of a DNA file that arrives as a stream. It is put into a temporary file. Beyond it LIMIT_EXCEEDED. @limit bytes */
export const IMPORT_DNA_BYTES_MAX = 268_435_456;

async function* within(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const piece of bytes) {
    length += piece.length;
    if (length > IMPORT_DNA_BYTES_MAX) {
      const message = `A DNA file can have at most ${IMPORT_DNA_BYTES_MAX} bytes here. Import it with the command line, which reads it in place.`;
      const details = { limit: 'IMPORT_DNA_BYTES_MAX', max: IMPORT_DNA_BYTES_MAX };
      throw new ReadoutError('LIMIT_EXCEEDED', message, undefined, details);
    }
    yield piece;
  }
}

/** Reads a DNA file from a stream, by way of a temporary file. @throws ReadoutError those of `readDna`; LIMIT_EXCEEDED. */
export async function* readDnaBody(bytes: AsyncIterable<Uint8Array>, options: ReadOptions): ItemSource {
  const directory = await mkdtemp(join(tmpdir(), 'readout-dna-'));
  try {
    const path = join(directory, 'file.dna');
    await pipeline(within(bytes), createWriteStream(path, { mode: 0o600 }));
    yield* readDna({ ...options, path });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
