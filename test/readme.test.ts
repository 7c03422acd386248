import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const file = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
const read = (path: string): string => readFileSync(file(path), 'utf8');
const readme = read('README.md');

describe('README', () => {
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
