import { isNode, LineCounter, parseDocument, visit } from 'yaml';
import type { z } from 'zod';
import { type InputPath, ReadoutError } from '../../base/errors.ts';
import { isObject } from '../../base/object.ts';
import { type Fault, formatPath, parseInput } from '../../domain/input/fault.ts';
import {
  type ActorInput,
  actorInput,
  type EventInput,
  eventInput,
  type SourceInput,
  sourceInput,
  type TopicInput,
  topicInput,
} from '../../domain/input/noun.ts';
import { type StatementInput, statementInput } from '../../domain/input/statement.ts';

/** An entry of the file, with its place in it: `['actors', 3]`. */
export interface SeedEntry<T> {
  readonly path: InputPath;
  /** The entry before it was parsed. The domain parses statements again. */
  readonly raw: unknown;
  readonly input: T;
  readonly slug: string;
}

/** The content of a seed file; `seed/README.md` describes the format. */
export interface SeedFile {
  readonly name: string;
  readonly actors: SeedEntry<ActorInput>[];
  readonly topics: SeedEntry<TopicInput>[];
  readonly sources: SeedEntry<SourceInput>[];
  readonly events: SeedEntry<EventInput>[];
  readonly statements: SeedEntry<StatementInput>[];
  /** The line of a place in the file, from 1. */
  lineOf(path: InputPath): number;
  /** A line for each of these places, in their order in the file: its name, line and path, and the message. */
  lines(notes: readonly { readonly path: InputPath; readonly message: string }[]): string[];
  /** The error that refuses the whole file, with the line of every fault. */
  refuse(faults: readonly Fault[]): ReadoutError;
}

export const LISTS = ['actors', 'topics', 'sources', 'events', 'statements'] as const;

function readList<T extends { slug?: string | undefined }>(
  content: Record<string, unknown>,
  list: (typeof LISTS)[number],
  schema: z.ZodType<T>,
  faults: Fault[],
): SeedEntry<T>[] {
  const items = content[list] ?? [];
  if (!Array.isArray(items)) {
    faults.push({ path: [list], message: 'must be a list' });
    return [];
  }
  const seen = new Set<string>();
  return items.flatMap((raw: unknown, i) => {
    const path = [list, i];
    const slug = isObject(raw) ? raw.slug : undefined;
    if (slug === undefined)
      faults.push({ path, message: 'has no slug. Each entry of a seed file needs one' });
    if (typeof slug === 'string' && seen.has(slug)) {
      faults.push({ path: [...path, 'slug'], message: `“${slug}” is in the file twice` });
    }
    if (typeof slug === 'string') seen.add(slug);
    const input = parseInput(schema, raw, path, faults);
    return input?.slug === undefined ? [] : [{ path, raw, input, slug: input.slug }];
  });
}

/**
 * Parses a seed file and checks its form.
 * @param name path of the file, for messages.
 * @throws ReadoutError INVALID_INPUT that names file, line, path and reason of every fault of its form.
 */
export function parseSeedFile(name: string, text: string): SeedFile {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  const lineAt = (path: InputPath): number => {
    for (let length = path.length; length >= 0; length -= 1) {
      const node: unknown = document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return lineCounter.linePos(node.range[0]).line;
    }
    return 1;
  };
  const lines: SeedFile['lines'] = (notes) =>
    notes
      .map((note) => ({ ...note, line: lineAt(note.path) }))
      .sort((a, b) => a.line - b.line)
      .map(({ line, path, message }) => `${name}:${line}: ${formatPath(path)} ${message}`);
  const refuse = (faults: readonly Fault[]) =>
    new ReadoutError(
      'INVALID_INPUT',
      `${name} was refused. No entry of it was loaded.\n  ${lines(faults).join('\n  ')}`,
    );
  const notYaml = (lines: readonly string[]) =>
    new ReadoutError(
      'INVALID_INPUT',
      `${name} is not valid YAML. No entry of it was loaded.\n${lines.join('\n')}`,
    );
  if (document.errors.length > 0) {
    throw notYaml(
      document.errors.map((error) => `  ${name}:${error.linePos?.[0].line ?? 1}: ${error.message}`),
    );
  }
  const aliasFaults: string[] = [];
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document)) return;
      const { line } = lineCounter.linePos(alias.range?.[0] ?? 0);
      aliasFaults.push(`  ${name}:${line}: *${alias.source} refers to no anchor before it`);
    },
  });
  if (aliasFaults.length > 0) throw notYaml(aliasFaults);
  const content: unknown = document.toJS({ maxAliasCount: -1 }) ?? {};
  if (!isObject(content)) throw refuse([{ path: [], message: `must be a map of ${LISTS.join(', ')}` }]);
  const faults: Fault[] = Object.keys(content)
    .filter((key) => !(LISTS as readonly string[]).includes(key))
    .map((key) => ({ path: [key], message: `is not one of ${LISTS.join(', ')}` }));
  const file = {
    name,
    actors: readList(content, 'actors', actorInput, faults),
    topics: readList(content, 'topics', topicInput, faults),
    sources: readList(content, 'sources', sourceInput, faults),
    events: readList(content, 'events', eventInput, faults),
    statements: readList(content, 'statements', statementInput, faults),
    lineOf: lineAt,
    lines,
    refuse,
  };
  if (faults.length > 0) throw refuse(faults);
  return file;
}
