import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ReadoutError } from '../../src/base/errors.ts';
import { type LoadedConfig, loadConfig } from '../../src/config/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'readout-settings-'));
const path = join(folder, 'settings.env');
afterAll(() => rmSync(folder, { recursive: true }));

function load(text: string, environment: Record<string, string> = {}): LoadedConfig {
  writeFileSync(path, text);
  return loadConfig({ READOUT_SETTINGS: path, ...environment });
}

function refusal(text: string, environment: Record<string, string> = {}): string[] {
  try {
    load(text, environment);
  } catch (error) {
    expect(error).toBeInstanceOf(ReadoutError);
    return (error as ReadoutError).message.replaceAll(folder, 'FOLDER').split('\n').slice(1);
  }
  throw new Error('it was taken');
}

describe('the settings file', () => {
  it('has a setting a line, with comments and quotes, and the environment has precedence', () => {
    const text = '# The service\nPORT=5000\nHOST="::1" # only here\n\nexport SEED=off\n';
    expect(load(text, { PORT: '6000', HOST: '' }).config).toMatchObject({
      port: 6000,
      host: '::1',
      seed: false,
    });
  });

  it('is refused with every fault of it and of the environment at once', () => {
    const text =
      'DATABSE_URL=postgresql://localhost/record\nPORT\nSEED=on\nSEED=off\nREADOUT_TOKEN=x\nPOOL_MAX=1\n';
    expect(
      refusal(text, { PORT: 'http', JWKS_URL: 'https://example.org/keys', JWT_ISSUER: 'example' }),
    ).toEqual([
      '  FOLDER/settings.env:1: DATABSE_URL is not a setting. Did you mean DATABASE_URL?',
      '  FOLDER/settings.env:2: a line must be NAME=value, empty, or a comment that begins with #.',
      '  FOLDER/settings.env:4: SEED is set twice. Remove one of the lines.',
      '  FOLDER/settings.env:5: READOUT_TOKEN is not a setting. README.md lists the settings.',
      '  POOL_MAX=1 (FOLDER/settings.env): must be at least 2',
      '  PORT=http: must be a port number',
      '  JWT_AUDIENCE=: is needed where JWKS_URL is set',
    ]);
  });

  it('does not show a secret that it refuses', () => {
    expect(refusal('DATABASE_URL=mysql://user:hunter2@localhost/record').join()).not.toContain('hunter2');
    expect(refusal('DATABSE_URL=postgresql://user:hunter2@localhost/record').join()).not.toContain('hunter2');
  });

  it('can be missing unless READOUT_SETTINGS names it', () => {
    expect(loadConfig({}).config.port).toBe(4000);
    expect(() => loadConfig({ READOUT_SETTINGS: join(folder, 'none.env') })).toThrow(
      /none\.env can't be read/,
    );
  });
});

describe('a misspelt setting in the environment', () => {
  it.each([
    ['DATABSE_URL', 'DATABASE_URL'],
    ['DATABASE_URI', 'DATABASE_URL'],
    ['database_url', 'DATABASE_URL'],
    ['WORKER', 'WORKERS'],
    ['TRUST_PROXIES', undefined],
    ['POSTGRES_PASSWORD', undefined],
    ['SEEDS', undefined],
    ['HOSTNAME', undefined],
    ['READOUT_TOKEN', undefined],
  ])('is named if it is nearly a setting: %s', (name, near) => {
    const notices = near === undefined ? [] : [`${name} is not a setting. Did you mean ${near}?`];
    expect(loadConfig({ [name]: 'secret' }).notices).toEqual(notices);
  });
});
