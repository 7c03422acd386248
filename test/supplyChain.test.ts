import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const read = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8');
const PINNED = /^[a-z0-9./-]+:[\w.-]+@sha256:[0-9a-f]{64}$/;

/** The installed packages with their manifests. */
function installed(): { name: string; scripts: Record<string, string> }[] {
  const modules = fileURLToPath(new URL('../node_modules', import.meta.url));
  const names = readdirSync(modules).flatMap((name) =>
    name.startsWith('@') ? readdirSync(`${modules}/${name}`).map((inner) => `${name}/${inner}`) : [name],
  );
  return names.flatMap((name) => {
    const manifest = `${modules}/${name}/package.json`;
    if (!existsSync(manifest)) return [];
    return [{ name, scripts: JSON.parse(readFileSync(manifest, 'utf8')).scripts ?? {} }];
  });
}

describe('the supply chain', () => {
  it('marks no install script in the lockfile, so that no npm runs one', () => {
    const marked = Object.entries(
      (JSON.parse(read('package-lock.json')) as { packages: Record<string, { hasInstallScript?: boolean }> })
        .packages,
    ).filter(([, { hasInstallScript }]) => hasInstallScript);
    const message =
      'npm install has marked these again: delete the lines "hasInstallScript" from package-lock.json';
    expect(
      marked.map(([name]) => name),
      message,
    ).toEqual([]);
  });

  it('refuses by name the script of every installed package that has one', () => {
    const { allowScripts } = JSON.parse(read('package.json')) as { allowScripts: Record<string, boolean> };
    const withScripts = installed()
      .filter(({ scripts }) => scripts.preinstall ?? scripts.install ?? scripts.postinstall)
      .map(({ name }) => name);
    expect(withScripts.length).toBeGreaterThan(0);
    expect(withScripts.filter((name) => allowScripts[name] !== false)).toEqual([]);
    expect(Object.values(allowScripts).filter((allowed) => allowed)).toEqual([]);
  });

  it('pins every base image by its digest', () => {
    const stages = [...read('Dockerfile').matchAll(/^FROM (\S+)/gm)].map(([, image]) => image as string);
    expect(stages.length).toBeGreaterThan(1);
    expect(stages.filter((image) => !PINNED.test(image))).toEqual([]);
  });
});
