import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { ReadoutError } from '../../base/errors.ts';
import type { ItemSource } from '../../import/item.ts';
import { readCsv } from '../../import/read/csv.ts';
import type { CsvMap } from '../../import/read/csvMap.ts';
import { readDna } from '../../import/read/dna/reader.ts';
import { isWithin, readParlamint } from '../../import/read/parlamint/reader.ts';
import { FORMATS, type Format, isFormat, READERS } from '../../import/read/readers.ts';

/** The format of a file by the end of its name. */
export const BY_EXTENSION: Readonly<Record<string, Format>> = {
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.yaml': 'seed',
  '.yml': 'seed',
  '.json': 'popolo',
  '.dna': 'dna',
  '.xml': 'parlamint',
};

/** The file of a ParlaMint corpus, which includes others of its folder. */
const CORPUS = /^ParlaMint-[A-Z]{2}(-[A-Z]{2})?\.xml$/;
/** A sitting of a corpus. Its other files, and annotated ones, have nothing of their own to import. */
const SITTING = /^ParlaMint-[A-Z]{2}(-[A-Z]{2})?_.*(?<!\.ana)\.xml$/;
const INCLUDE = /<(?:\w+:)?include\b[^>]*?\bhref\s*=\s*["']([^"']+)["']/g;

/** The paths of the files that a corpus includes. The reader refuses those outside its folder. */
async function includedBy(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8');
  const paths = [...text.matchAll(INCLUDE)].map(([, href = '']) => href).filter(isWithin);
  return [...new Set(paths)].map((href) => join(dirname(path), href));
}

/** A file with its length. */
export interface SizedFile {
  readonly path: string;
  readonly bytes: number;
}

export interface ImportFile extends SizedFile {
  readonly format: Format;
  /** The files that it includes. */
  readonly included: readonly SizedFile[];
}

/** Those of the files that are there. The reader reports the others. */
async function sizesOf(paths: readonly string[]): Promise<SizedFile[]> {
  const sizes: SizedFile[] = [];
  for (const path of paths) {
    const found = await stat(path).catch(() => null);
    if (found?.isFile()) sizes.push({ path, bytes: found.size });
  }
  return sizes;
}

/**
 * The files of these paths. Of a folder, those whose names end as a format does, with those of the folders in it, in the order of their names.
 * The corpus of a folder comes first. Files that it includes are left to it.
 * @param format of all files; undefined where each has its own.
 * @throws ReadoutError NOT_FOUND or INVALID_INPUT.
 */
export async function findFiles(paths: readonly string[], format: string | undefined): Promise<ImportFile[]> {
  if (format !== undefined && !isFormat(format))
    throw new ReadoutError('INVALID_INPUT', `“${format}” is not a format. There are ${FORMATS.join(', ')}.`);
  const files: ImportFile[] = [];
  const included = new Set<string>();
  const add = async (path: string, isNamed: boolean): Promise<void> => {
    const found = await stat(path).catch(() => null);
    if (!found) throw new ReadoutError('NOT_FOUND', `There is no file “${path}”.`);
    if (found.isDirectory()) {
      const names = (await readdir(path)).filter((name) => !name.startsWith('.')).sort();
      const corpora = names.filter((name) => CORPUS.test(name));
      for (const name of corpora) {
        for (const other of await includedBy(join(path, name))) included.add(other);
        await add(join(path, name), false);
      }
      const isImported = (name: string): boolean =>
        corpora.length === 0 || !name.endsWith('.xml') || SITTING.test(name);
      for (const name of names)
        if (!corpora.includes(name) && isImported(name) && !included.has(join(path, name)))
          await add(join(path, name), false);
      return;
    }
    const known = BY_EXTENSION[extname(path).toLowerCase()];
    const own = isNamed ? (format ?? known) : known && (format ?? known);
    const isCorpus = own === 'parlamint' && CORPUS.test(basename(path));
    const others = isCorpus ? await sizesOf(await includedBy(path)) : [];
    if (own) files.push({ path, format: own, bytes: found.size, included: others });
    else if (isNamed)
      throw new ReadoutError(
        'INVALID_INPUT',
        `The format of “${path}” is not known by its name. Give it with --format.`,
      );
  };
  for (const path of paths) await add(path, true);
  return files;
}

export interface ReadFileOptions {
  /** What the columns of tables mean. */
  readonly map: CsvMap | undefined;
  /** Whether the texts of sources are kept: only where their licence allows. */
  readonly keepText: boolean;
  /** Called with the number of bytes that were read since the last call. */
  readonly onBytes: (bytes: number) => void;
}

/** The items of a file. @throws ReadoutError INVALID_INPUT for a file of another format. */
export function itemsOf(
  { path, format, bytes: length }: ImportFile,
  { map, keepText, onBytes }: ReadFileOptions,
): ItemSource {
  if (format === 'dna') {
    onBytes(length); // the library reads it in place
    return readDna({ path, file: path, keepText });
  }
  async function* read(name: string): AsyncGenerator<Uint8Array> {
    for await (const piece of createReadStream(name)) {
      onBytes((piece as Uint8Array).length);
      yield piece as Uint8Array;
    }
  }
  const bytes = read(path);
  const options = { file: path };
  if (format === 'parlamint') {
    const open = (href: string) => read(join(dirname(path), href));
    return readParlamint(bytes, { ...options, keepText, open });
  }
  const isTable = format === 'csv' || format === 'tsv';
  return isTable && map ? readCsv(bytes, { ...options, map }) : READERS[format](bytes, options);
}
