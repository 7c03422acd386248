import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { findConstants, limitValue } from '../../src/cli/constants.ts';
import { DOCUMENTS, pathOf, regenerate } from '../../src/cli/docs.ts';
import { renderFixedLimits, renderInternals } from '../../src/cli/limits.ts';
import { LIMIT_NAMES } from '../../src/config/limits.ts';
import { SETTINGS } from '../../src/config/settings.ts';

const directories: string[] = [];

afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

/** A directory of sources with one file. */
function sources(file: string, text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'readout-sources-'));
  directories.push(directory);
  mkdirSync(join(directory, file, '..'), { recursive: true });
  writeFileSync(join(directory, file), text);
  return directory;
}

describe('the generated documentation', () => {
  it.each(Object.keys(DOCUMENTS))('is up to date in %s', async (document) => {
    const text = readFileSync(pathOf(document), 'utf8');
    expect(text, `${document} differs from the code: run npm run docs`).toBe(
      await regenerate(document, text),
    );
  });

  it('has every setting and every limit with its default', () => {
    const readme = readFileSync(pathOf('README.md'), 'utf8');
    const limits = readFileSync(pathOf('docs/limits.md'), 'utf8');
    expect(Object.keys(SETTINGS).filter((name) => !readme.includes(`\n| \`${name}\` | `))).toEqual([]);
    expect(LIMIT_NAMES.filter((name) => !limits.includes(`\n| \`${name}\` | `))).toEqual([]);
    expect(readme).toContain('| `PORT` | `4000` | TCP port; 0 takes any free one |');
  });

  it('describes every setting', () => {
    const bare = Object.entries(SETTINGS).filter(([, setting]) => !setting.description);
    expect(bare.map(([name]) => name)).toEqual([]);
  });

  it('has limits of every room that clients reach', () => {
    const rooms = findConstants()
      .filter(({ unit }) => unit !== null)
      .map(({ file }) => file.split('/')[0]);
    expect([...new Set(rooms)]).toEqual(expect.arrayContaining(['http', 'log', 'read', 'schema']));
  });
});

describe('a constant', () => {
  it('with the tag @limit is in the table of limits, with its value, unit and docstring', async () => {
    const text = '/**\n * Things in\n * a box.\n * @limit things\n */\nexport const BOX_MAX = 2 * 1_500;\n';
    const directory = sources('http/box.ts', text);
    const [limit] = findConstants(directory);
    expect(limit).toMatchObject({ name: 'BOX_MAX', unit: 'things', description: 'Things in a box.' });
    const found = limit ? await limitValue(limit, directory) : null;
    expect(found).toBe(3_000);
    expect(await renderFixedLimits(findConstants())).toContain(
      '| `NODES_MAX` | 100 ids | Ids of one `nodes`. |',
    );
  });

  it.each([
    ['a limit', 'const NEW_MAX = 5;'],
    ['an exported limit', 'export const NEW_MAX = 5;'],
    ['a limit of two lines', 'const NEW_MAX =\n  5;'],
    ['a time', 'const NEW_WAIT_MS: number = 5;'],
    ['a share', '/** Some. */\nconst NEW_SHARE = 0.5;'],
  ])('without the tag shows in the list of internal constants: %s', (_, text) => {
    const list = renderInternals(findConstants(sources('log/hub/new.ts', `${text}\n`)));
    expect(list).toMatch(
      /^## src\/log\/hub\n\n.*\n.*\n\| `NEW_(MAX|WAIT_MS|SHARE)` \| `(5|0\.5)` \| new\.ts \|/,
    );
  });

  it.each([
    ['must be exported', '/** Things. @limit things */\nconst NEW_MAX = 5;\n'],
    ['needs a description', '/** @limit things */\nexport const NEW_MAX = 5;\n'],
    ['must be a number', "/** Things. @limit things */\nexport const NEW_MAX = '5';\n"],
  ])('with the tag @limit %s', async (message, text) => {
    const directory = sources('http/new.ts', text);
    await expect(limitValue(findConstants(directory)[0] as never, directory)).rejects.toThrow(message);
  });
});
