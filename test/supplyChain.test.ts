import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const read = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8');
const PINNED = /^[a-z0-9./-]+:[\w.-]+@sha256:[0-9a-f]{64}$/;

interface Service {
  readonly image?: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt?: readonly string[];
}

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

describe('the compose file', () => {
  const { services } = parse(read('docker-compose.yml')) as { services: Record<string, Service> };

  it('gives no container a capability, a writable file system or a way to gain rights', () => {
    for (const [name, service] of Object.entries(services)) {
      expect(service.read_only, name).toBe(true);
      expect(service.cap_drop, name).toEqual(['ALL']);
      expect(service.cap_add, name).toBeUndefined();
      expect(service.security_opt, name).toContain('no-new-privileges:true');
      if (service.image !== undefined) expect(service.image).toMatch(PINNED);
    }
  });

  it('has no default password', () => {
    const uses = [...read('docker-compose.yml').matchAll(/\$\{POSTGRES_PASSWORD([^}]*)\}/g)];
    expect(uses.length).toBeGreaterThan(1);
    expect(uses.filter(([, rest]) => !rest?.startsWith(':?'))).toEqual([]);
  });
});
