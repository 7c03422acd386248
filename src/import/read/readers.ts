import type { ItemReader } from '../item.ts';
import { readCsv } from './csv.ts';
import { readDnaBody } from './dna/body.ts';
import { readJsonl } from './jsonl.ts';
import { readParlamint } from './parlamint/reader.ts';
import { readPopolo } from './popolo/reader.ts';
import { readSeed } from './seed.ts';

/** The formats that are read from a stream of bytes. */
export const READERS = {
  jsonl: readJsonl,
  csv: readCsv,
  tsv: readCsv,
  seed: readSeed,
  popolo: readPopolo,
  dna: readDnaBody,
  parlamint: readParlamint,
} as const satisfies Record<string, ItemReader>;

export type StreamFormat = keyof typeof READERS;

export const isStreamFormat = (name: string): name is StreamFormat => Object.hasOwn(READERS, name);
