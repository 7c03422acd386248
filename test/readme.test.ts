import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
/** Files that the errands in docs/contributing.md add. */
const EXAMPLES = new Set([
  'src/import/read/bars.ts',
  'prisma/migrations/20270115093000_event_venue/migration.sql',
  'src/read/statements/conditions/languages.ts',
  'src/http/server/status.ts',
  'test/http/server/status.test.ts',
]);
const documents = [
  'README.md',
  'CHANGELOG.md',
  'seed/README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
/** The address of a heading, as GitHub makes it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\d\s-]/gu, '')
    .trim()
    .replace(/\s/g, '-');

describe.each(documents)('%s', (document) => {
  const text = read(document);

  it('links to files and headings that exist', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)];
    const missing = links.filter(([, path, heading]) => {
      const target = path ? join(dirname(document), path) : document;
      if (!existsSync(join(ROOT, target))) return true;
      if (heading === undefined) return false;
      const headings = [...read(target).matchAll(/^#+ (.+)$/gm)].map(([, title]) => anchorOf(title ?? ''));
      return !headings.includes(heading);
    });
    expect(missing.map(([link]) => link)).toEqual([]);
  });

  it('names files and scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const commands = [...text.matchAll(/\bnpm (?:run (?:-s )?)?(start|test|(?<=run (?:-s )?)[a-z:]+)/g)];
    expect(commands.map(([, name]) => name ?? '').filter((name) => !(name in scripts))).toEqual([]);
    const paths = [...text.matchAll(/`((?:src|test|bench|prisma|seed|docs)\/[\w./-]*)`/g)].map(
      ([, path]) => path ?? '',
    );
    expect(paths.filter((path) => !existsSync(join(ROOT, path)) && !EXAMPLES.has(path))).toEqual([]);
  });
});

describe('README', () => {
  it('has a line for each folder of the sources', () => {
    const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `\`src/${name}/\``);
    expect(folders.filter((folder) => !read('README.md').includes(folder))).toEqual([]);
  });
});
