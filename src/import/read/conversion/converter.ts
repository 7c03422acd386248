import { createWriteStream } from 'node:fs';
import { setPriority } from 'node:os';
import { pipeline } from 'node:stream/promises';
import { ReadoutError } from '../../../base/errors.ts';
import { readableLine } from '../jsonl.ts';
import { readFile } from '../readers.ts';
import { type Conversion, type Failure, withinLimit } from './body.ts';

/* The process of `BodyReader`: writes the items of a file as lines of Readout JSONL. */

/** The priority of the process: lower than that of the service. */
const NICENESS = 10;
/** Characters that are written at once. */
const PIECE_LENGTH = 65_536;

async function* linesOf({ from, format, options }: Conversion): AsyncGenerator<Uint8Array> {
  let lines = '';
  for await (const item of readFile(from, format, options)) {
    lines += await readableLine(item);
    if (lines.length < PIECE_LENGTH) continue;
    yield Buffer.from(lines);
    lines = '';
  }
  yield Buffer.from(lines);
}

async function convert(conversion: Conversion): Promise<Failure> {
  try {
    setPriority(NICENESS);
    await pipeline(withinLimit(linesOf(conversion)), createWriteStream(conversion.to, { mode: 0o600 }));
    return null;
  } catch (error) {
    if (!(error instanceof ReadoutError)) return { code: null, message: String((error as Error).stack) };
    const { code, message, details } = error;
    return { code, message, details };
  }
}

// Without the service, the lines are not needed.
process.once('disconnect', () => process.exit());
process.once('message', async (conversion: Conversion) => {
  process.send?.(await convert(conversion), () => process.disconnect());
});
