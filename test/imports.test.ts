import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { groupBy } from '../src/read/group.ts';

const TEST = fileURLToPath(new URL('.', import.meta.url));
const SRC = fileURLToPath(new URL('../src', import.meta.url));

/** Source files directly in one folder. A folder that needs more is divided into rooms. */
const FILES_PER_FOLDER_MAX = 14;

/** In an order of rooms: the files of the folder that the order does not name. They may import one another. */
const LOOSE = '.';
/**
 * The order of the rooms in each folder that has rooms, lowest first. An entry is a room, a file, or LOOSE. A file
 * may import from its own room and from lower lines, not from its neighbours in the same line or from higher lines.
 */
const ORDERS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  '': [
    ['base'],
    ['config'],
    ['observe'],
    ['db'],
    ['log'],
    ['domain'],
    ['read'],
    ['import'],
    ['verify', 'schema', 'export'],
    ['backup'],
    ['http'],
    ['doctor'],
    ['store.ts'],
    ['app'],
    ['app.ts'],
    ['workers.ts'],
    ['main.ts', 'cli'],
    ['web'],
  ],
  cli: [['command.ts'], ['import'], [LOOSE]],
  db: [['generated', 'pool'], [LOOSE], ['embedded']],
  log: [[LOOSE], ['hub']],
  domain: [
    ['anchor.ts'],
    ['access', 'input'],
    ['content.ts', 'warning.ts'],
    ['save'],
    [LOOSE],
    ['statement'],
    ['correction'],
  ],
  'domain/statement': [[LOOSE], ['record', 'reanchor']],
  import: [
    ['item.ts', 'cell.ts'],
    ['cells.ts'],
    ['nounCells.ts'],
    ['read'],
    ['recognise'],
    ['report.ts'],
    ['history'],
    ['write'],
    ['seed'],
  ],
  'import/write': [[LOOSE], ['statements'], ['engine.ts']],
  'import/read': [[LOOSE], ['dna', 'parlamint', 'popolo'], ['readers.ts'], ['conversion']],
  read: [[LOOSE], ['memory'], ['comparison', 'statements'], ['loading']],
  'read/statements': [['conditions'], [LOOSE], ['counts']],
  'read/statements/conditions': [['kind'], ['actors', 'coding'], [LOOSE]],
  schema: [['builder'], ['statement'], ['mutation'], [LOOSE]],
  http: [
    ['errors.ts'],
    ['client'],
    ['cost', 'load'],
    ['limits'],
    ['body'],
    ['server'],
    ['graphql', 'import', 'export'],
    ['live'],
  ],
  'http/live': [[LOOSE], ['sse', 'websocket']],
  web: [
    ['style', 'router', 'graphiql'],
    ['access', 'connection'],
    ['graphql'],
    ['words'],
    ['cards', 'check', 'frame'],
    ['live'],
    ['timeline'],
    ['actor', 'browse', 'collection', 'event', 'feed', 'source', 'statement', 'topic'],
    [LOOSE],
  ],
  'web/feed': [['filters'], [LOOSE]],
};
/** Folders of tests that mirror no folder of `src`. */
const OTHER_TESTS = ['bench', 'browser', 'support'];

/** The reader's page runs in browsers: it takes nothing from the service, and the service nothing from it. */
const WEB = 'web';
/** Runs when the page is built: writes down the schema that its queries are checked against. */
const WEB_TOOL = 'web/introspect.ts';
const GENERATED = 'db/generated/';

interface Import {
  readonly from: string;
  readonly to: string;
  /** Whether it is gone when the program runs. */
  readonly isType: boolean;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !file.startsWith(GENERATED))
  .map((file) => ({ file, text: readFileSync(join(SRC, file), 'utf8') }));
const imports = files.flatMap(({ file, text }) => importsOf(file, text));

function importsOf(file: string, text: string): Import[] {
  const found = text.matchAll(
    /(?:^|[;\n])\s*(?:import|export)\s+(type\s)?(?:[^'"();]*?from\s+)?['"](\.[^'"]+)['"]|import\(\s*['"](\.[^'"]+)['"]/g,
  );
  return [...found].map(([, type, statically, dynamically]) => ({
    from: file,
    to: relative(SRC, join(SRC, dirname(file), statically ?? dynamically ?? '')),
    isType: type !== undefined,
  }));
}

const topOf = (file: string): string => file.split('/')[0] as string;
const parentOf = (path: string): string => (path.includes('/') ? dirname(path) : '');
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** The source files of every kind, with their folders. */
const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
  (file) => /\.(tsx?|js|css)$/.test(file) && !file.endsWith('.d.ts') && !file.startsWith(GENERATED),
);
/** Every folder with sources in it or below it, but for `src` itself. */
const folders = new Set(sources.flatMap(foldersOf));

/** `['http', 'http/live']` for `http/live/feed.ts`. */
function foldersOf(file: string): string[] {
  const names = file.split('/').slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join('/'));
}

/** The line of a room or file in the order of its folder; -1 where it has none. */
function lineOf(path: string): number {
  const order = ORDERS[parentOf(path)] ?? [];
  const named = order.findIndex((line) => line.includes(nameOf(path)));
  if (named >= 0 || folders.has(path)) return named;
  return order.findIndex((line) => line.includes(LOOSE));
}

/** The rooms or files at which the paths of two files part: `http/live` and `http/client` of the folder `http`. */
function partingOf(from: string, to: string): [string, string] {
  const [a, b] = [from.split('/'), to.split('/')];
  let shared = 0;
  while (shared < Math.min(a.length, b.length) - 1 && a[shared] === b[shared]) shared += 1;
  return [a.slice(0, shared + 1).join('/'), b.slice(0, shared + 1).join('/')];
}

/** Whether an import goes to a lower line, or stays among the loose files of a folder. */
function runsDown({ from, to }: Import): boolean {
  const [a, b] = partingOf(from, to);
  const order = ORDERS[parentOf(a)];
  if (order === undefined) return true;
  const [lineOfA, lineOfB] = [lineOf(a), lineOf(b)];
  if (lineOfA === lineOfB) return a === from && b === to && order[lineOfA]?.includes(LOOSE) === true;
  return lineOfB >= 0 && lineOfB < lineOfA;
}

describe('imports', () => {
  it('are found by this test', () => {
    expect(imports).toContainEqual({ from: 'main.ts', to: 'config/config.ts', isType: false });
    expect(imports).toContainEqual({ from: 'schema/schema.ts', to: 'schema/actor.ts', isType: false });
    expect(imports.length).toBeGreaterThan(150);
  });

  it('run down the order of the rooms, in every folder', () => {
    expect(
      imports.filter((found) => !runsDown(found)).map(({ from, to }) => `${from} imports ${to}`),
    ).toEqual([]);
  });

  it('never lead from the page to the service or back', () => {
    const crossing = imports.filter(
      ({ from, to }) => from !== WEB_TOOL && (topOf(from) === WEB) !== (topOf(to) === WEB),
    );
    expect(crossing.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  it('go round in no circle', () => {
    const targets = groupBy(
      imports.filter(({ isType }) => !isType),
      ({ from }) => from,
    );
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' → '));
      if (done.has(file) || path.includes(file)) return;
      for (const { to } of targets.get(file) ?? []) visit(to, [...path, file]);
      done.add(file);
    };
    for (const { file } of files) visit(file, []);
    expect(circles).toEqual([]);
  });
});

describe('folders', () => {
  it('have their place in the order of the folder above', () => {
    expect([...folders].filter((folder) => lineOf(folder) < 0)).toEqual([]);
  });

  it('with an order name a place for each of their files', () => {
    const homeless = sources.filter((file) => ORDERS[parentOf(file)] !== undefined && lineOf(file) < 0);
    expect(homeless).toEqual([]);
  });

  it('have no place for a room or file that does not exist', () => {
    const named = Object.entries(ORDERS).flatMap(([folder, order]) =>
      order.flat().map((name) => (folder === '' ? name : `${folder}/${name}`)),
    );
    const gone = named.filter(
      (path) =>
        nameOf(path) !== LOOSE &&
        !folders.has(path) &&
        !sources.includes(path) &&
        !GENERATED.startsWith(path),
    );
    expect(gone).toEqual([]);
  });

  it(`hold at most ${FILES_PER_FOLDER_MAX} source files`, () => {
    const full = [...groupBy(sources, parentOf)]
      .filter(([, inFolder]) => inFolder.length > FILES_PER_FOLDER_MAX)
      .map(([folder, inFolder]) => `src/${folder} has ${inFolder.length}`);
    expect(full).toEqual([]);
  });

  it('of tests are those of the sources', () => {
    const ofTests = readdirSync(TEST, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.test.ts') && !OTHER_TESTS.includes(topOf(file)))
      .map(parentOf);
    const extra = [...new Set(ofTests)].filter((folder) => folder !== '' && !folders.has(folder));
    expect(extra).toEqual([]);
  });
});

describe('no source', () => {
  const offenders = (pattern: RegExp, allowed: (file: string) => boolean = () => false): string[] =>
    files.flatMap(({ file, text }) =>
      allowed(file)
        ? []
        : text
            .split('\n')
            .flatMap((line, i) =>
              pattern.test(line) && !/^\s*(\/?\*|\/\/)/.test(line)
                ? [`${file}:${i + 1}: ${line.trim()}`]
                : [],
            ),
    );

  /** Vite and similar tools expect a default export from their configuration. */
  const isConfig = (file: string): boolean => /\.config\.ts$/.test(file);

  it('has a default export', () => {
    expect(offenders(/^export default|export \{[^}]*\bas default\b/, isConfig)).toEqual([]);
  });

  it('says any', () => {
    expect(offenders(/(?<!['`\w])(:|as|<|\|)\s*any\b(?!['`:])|\bany\[\]/)).toEqual([]);
  });

  it('writes to the console, but for those that a person runs', () => {
    expect(offenders(/\bconsole\./, (file) => file === 'main.ts' || topOf(file) === 'cli')).toEqual([]);
  });

  it('reads with findUnique for an operation, which would be read together with those of others', () => {
    expect(offenders(/\.findUnique\(/, (file) => !['schema', 'read'].includes(topOf(file)))).toEqual([]);
  });

  it('is only a list of what others export', () => {
    expect(offenders(/^export \* from/)).toEqual([]);
  });
});
