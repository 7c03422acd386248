import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { groupBy } from '../src/read/group.ts';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

/**
 * The folders and files right below `src`, lowest first. Each may import from itself and from the lines above it,
 * never from its own line's neighbours or from below.
 */
const LAYERS = [
  ['errors.ts', 'version.ts', 'limits.ts', 'trustProxy.ts', 'within.ts', 'steps.ts', 'examples'],
  ['db'],
  ['log'],
  ['domain'],
  ['import', 'read'],
  ['schema'],
  ['http'],
  ['config.ts', 'recorderToken.ts'],
  ['store.ts', 'stops.ts'],
  ['app.ts'],
  ['workers.ts'],
  ['main.ts', 'cli'],
];
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
const layerOf = (file: string): number => LAYERS.findIndex((layer) => layer.includes(topOf(file)));

describe('imports', () => {
  it('are found by this test', () => {
    expect(imports).toContainEqual({ from: 'main.ts', to: 'config.ts', isType: false });
    expect(imports).toContainEqual({ from: 'schema/schema.ts', to: 'schema/actor.ts', isType: false });
    expect(imports.length).toBeGreaterThan(150);
  });

  it('stand in folders that have their place', () => {
    const homeless = files.map(({ file }) => topOf(file)).filter((top) => top !== WEB && layerOf(top) < 0);
    expect([...new Set(homeless)]).toEqual([]);
  });

  it('run one way', () => {
    const backward = imports.filter(
      ({ from, to }) =>
        topOf(from) !== WEB &&
        topOf(from) !== topOf(to) &&
        !(layerOf(to) >= 0 && layerOf(to) < layerOf(from)),
    );
    expect(backward.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
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

  /** Vite and its kin want a default export of what configures them. */
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
