import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The sources of the service. */
const SOURCE_DIR = fileURLToPath(new URL('..', import.meta.url));

/** A named quantity at the top of a source file. */
export interface Constant {
  readonly name: string;
  /** Path below the directory of the sources. */
  readonly file: string;
  /** Its value as the source has it, such as `8 * 1_048_576`. */
  readonly expression: string;
  /** Its docstring as one line; empty if it has none. */
  readonly description: string;
  /** The unit of a limit that a client can meet (`@limit items`); null for an internal constant. */
  readonly unit: string | null;
  readonly isExported: boolean;
}

/** Names of quantities. A constant with another name is one if it has the tag `@limit`. */
const QUANTITY = /(^|_)(MAX|MIN|MS|SECONDS|BYTES|LENGTH|SHARE|POINTS|DEFAULT)$/;
const DECLARATION =
  /(?:^\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n)?^(export )?const ([A-Z][A-Z0-9_]*)(?:: [^=;]+)? =\s+([^;{]+);/gm;

/** Every named quantity of the service, in the order of files and lines. The reader page and the commands are left out. */
export function findConstants(directory: string = SOURCE_DIR): Constant[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((file) => file.split(sep).join('/'))
    .filter((file) => file.endsWith('.ts') && !/^(web|cli|db\/generated)\//.test(file))
    .sort()
    .flatMap((file) => constantsIn(file, readFileSync(join(directory, file), 'utf8')));
}

function constantsIn(file: string, source: string): Constant[] {
  return [...source.matchAll(DECLARATION)]
    .map(([, comment = '', exported, name = '', expression = '']) => ({
      name,
      file,
      expression: expression.replace(/\s+/g, ' '),
      isExported: exported !== undefined,
      ...parseDocstring(comment),
    }))
    .filter(({ name, unit }) => unit !== null || QUANTITY.test(name));
}

function parseDocstring(comment: string): Pick<Constant, 'description' | 'unit'> {
  const text = comment
    .replace(/^\s*\* ?/gm, '')
    .replace(/\s+/g, ' ')
    .trim();
  const [description = '', unit = null] = text.split(/ ?@limit /);
  return { description, unit };
}

/**
 * The value of a limit that a client can meet.
 * @throws AssertionError if the limit is not exported, or has no description.
 */
export async function limitValue(limit: Constant, directory: string = SOURCE_DIR): Promise<number> {
  const at = `${limit.name} in src/${limit.file}`;
  assert(limit.isExported, `${at} has the tag @limit and must be exported`);
  assert(limit.description !== '', `${at} has the tag @limit and needs a description before it`);
  const module = await import(/* @vite-ignore */ pathToFileURL(join(directory, limit.file)).href);
  const value: unknown = module[limit.name];
  assert(typeof value === 'number', `${at} must be a number`);
  return value;
}
