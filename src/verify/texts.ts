import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';

/** A file with the text of a source. */
export interface TextFile {
  readonly path: string;
  /** The name of the file without its extension, which can be the slug of the source. */
  readonly name: string;
}

/** A file can't be read as a text. */
export class UnreadableText extends Error {}

/**
 * The file, or the files of the folder by name; not those below it, and none whose name begins with a dot.
 * @throws UnreadableText
 */
export async function findTexts(path: string): Promise<TextFile[]> {
  const fileOf = (file: string): TextFile => ({ path: file, name: basename(file, extname(file)) });
  try {
    if (!(await stat(path)).isDirectory()) return [fileOf(path)];
    const entries = await readdir(path, { withFileTypes: true });
    const names = entries
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map(({ name }) => name);
    return names.sort().map((name) => fileOf(join(path, name)));
  } catch (error) {
    throw new UnreadableText(`${path} can’t be read: ${(error as Error).message}.`);
  }
}

/**
 * The text of a file unchanged, with its byte order mark.
 * @throws UnreadableText
 */
export async function readText(path: string): Promise<string> {
  const bytes = await readFile(path).catch((error: Error) => {
    throw new UnreadableText(`The file can't be read: ${error.message}.`);
  });
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new UnreadableText(`${path} is not a text in UTF-8. Save it as UTF-8 and try again.`);
  }
}
