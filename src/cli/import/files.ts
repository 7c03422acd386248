import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { ReadoutError } from '../../base/errors.ts';
import type { ItemSource } from '../../import/item.ts';
import { readCsv } from '../../import/read/csv.ts';
import type { CsvMap } from '../../import/read/csvMap.ts';
import { isStreamFormat, READERS, type StreamFormat } from '../../import/read/readers.ts';

/** The format of a file by the end of its name. */
const BY_EXTENSION: Readonly<Record<string, StreamFormat>> = {
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.yaml': 'seed',
  '.yml': 'seed',
};

export interface ImportFile {
  readonly path: string;
  readonly format: StreamFormat;
  readonly bytes: number;
}

/**
 * The files of these paths. Of a folder, those whose names end as a format does, with those of the folders in it, in the order of their names.
 * @param format of all files; undefined where each has its own.
 * @throws ReadoutError NOT_FOUND or INVALID_INPUT.
 */
export async function findFiles(paths: readonly string[], format: string | undefined): Promise<ImportFile[]> {
  if (format !== undefined && !isStreamFormat(format))
    throw new ReadoutError(
      'INVALID_INPUT',
      `“${format}” is not a format. There are ${Object.keys(READERS).join(', ')}.`,
    );
  const files: ImportFile[] = [];
  const add = async (path: string, isNamed: boolean): Promise<void> => {
    const found = await stat(path).catch(() => null);
    if (!found) throw new ReadoutError('NOT_FOUND', `There is no file “${path}”.`);
    if (found.isDirectory()) {
      for (const name of (await readdir(path)).sort())
        if (!name.startsWith('.')) await add(join(path, name), false);
      return;
    }
    const known = BY_EXTENSION[extname(path).toLowerCase()];
    const own = isNamed ? (format ?? known) : known && (format ?? known);
    if (own) files.push({ path, format: own, bytes: found.size });
    else if (isNamed)
      throw new ReadoutError(
        'INVALID_INPUT',
        `The format of “${path}” is not known by its name. Give it with --format.`,
      );
  };
  for (const path of paths) await add(path, true);
  return files;
}

/** The items of a file. @param onBytes called with the number of bytes that were read since the last call. */
export function itemsOf(
  { path, format }: ImportFile,
  map: CsvMap | undefined,
  onBytes: (bytes: number) => void,
): ItemSource {
  const bytes = (async function* () {
    for await (const piece of createReadStream(path)) {
      onBytes((piece as Uint8Array).length);
      yield piece as Uint8Array;
    }
  })();
  const isTable = format === 'csv' || format === 'tsv';
  return isTable && map ? readCsv(bytes, { file: path, map }) : READERS[format](bytes, { file: path });
}
