import { createReadStream } from 'node:fs';
import type { ItemReader, ItemSource, ReadOptions } from '../item.ts';
import { readCsv } from './csv.ts';
import { readDna } from './dna/reader.ts';
import { readJsonl } from './jsonl.ts';
import { readParlamint } from './parlamint/reader.ts';
import { readPopolo } from './popolo/reader.ts';
import { readSeed } from './seed.ts';

/** The formats that are read line by line while their bytes arrive. */
export const LINE_READERS = { jsonl: readJsonl, csv: readCsv, tsv: readCsv } as const satisfies Readers;

/** The formats that are read from a stream of bytes. */
export const READERS = {
  ...LINE_READERS,
  seed: readSeed,
  popolo: readPopolo,
  parlamint: readParlamint,
} as const satisfies Readers;

type Readers = Readonly<Record<string, ItemReader>>;
type LineFormat = keyof typeof LINE_READERS;
/** A DNA file is a database, which is read in place. */
export type Format = keyof typeof READERS | 'dna';

export const FORMATS: readonly Format[] = [...(Object.keys(READERS) as (keyof typeof READERS)[]), 'dna'];

export const isFormat = (name: string): name is Format => (FORMATS as readonly string[]).includes(name);

export const isLineFormat = (format: Format): format is LineFormat => Object.hasOwn(LINE_READERS, format);

/** The items of a file on this machine. @throws ReadoutError INVALID_INPUT for a file that is not of this format. */
export function readFile(path: string, format: Format, options: ReadOptions): ItemSource {
  return format === 'dna' ? readDna({ ...options, path }) : READERS[format](createReadStream(path), options);
}
