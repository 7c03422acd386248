import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../src/config/limits.ts';

const file = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
const read = (path: string): string => readFileSync(file(path), 'utf8');
const readme = read('README.md');
/** First two cells of the rows that begin with a setting's name. */
const rows = new Map(
  [...readme.matchAll(/^\| `([A-Z][A-Z_]+)` \| (?:`([^`]*)`|none) \|/gm)].map(([, name, value]) => [
    name,
    value,
  ]),
);

describe('README', () => {
  it('has a row for every setting, and for no other', () => {
    const settings = [...read('src/config/settings.ts').matchAll(/^ {2}([A-Z][A-Z_]+): z\b/gm)].map(
      ([, name]) => name,
    );
    expect(settings).toContain('PORT');
    expect([...rows.keys()].sort()).toEqual([...settings, ...Object.keys(DEFAULT_LIMITS)].sort());
  });

  it('has the default of every limit', () => {
    const limits = Object.entries(DEFAULT_LIMITS).map(([name, value]) => [name, String(value)]);
    expect(limits.map(([name]) => [name, rows.get(name)])).toEqual(limits);
  });

  it('leads to files that exist', () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, path]) => path as string);
    const folders = [...readme.matchAll(/^\| `([a-z]+\/[a-zA-Z./]*)` \|/gm)].map(
      ([, path]) => path as string,
    );
    expect(links.length + folders.length).toBeGreaterThan(10);
    expect([...links, ...folders].filter((path) => !existsSync(file(path)))).toEqual([]);
  });

  it('names scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...readme.matchAll(/\bnpm (?:run )?(start|test|(?<=run )[a-z:]+)/g)].map(
      ([, name]) => name ?? '',
    );
    expect(named).toContain('verify');
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});
