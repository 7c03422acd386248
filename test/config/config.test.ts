import { describe, expect, it } from 'vitest';
import { ReadoutError } from '../../src/base/errors.ts';
import { parseConfig } from '../../src/config/config.ts';

function refusal(environment: Record<string, string>): string {
  try {
    parseConfig(environment);
  } catch (error) {
    expect(error).toBeInstanceOf(ReadoutError);
    expect((error as ReadoutError).code).toBe('START_FAILED');
    return (error as ReadoutError).message;
  }
  throw new Error('it was taken');
}

describe('the settings', () => {
  it('are all optional', () => {
    expect(parseConfig({})).toMatchObject({
      port: 4000,
      host: '127.0.0.1',
      databaseUrl: undefined,
      dataDir: '.data',
      seed: true,
    });
  });

  it('are taken from the environment, other variables left alone', () => {
    const environment = {
      PORT: '0',
      HOST: '::1',
      DATABASE_URL: 'postgres://user:secret@db.example:6543/readout?sslmode=require',
      DATA_DIR: '/var/lib/readout',
      SEED: 'off',
      PATH: '/bin',
    };
    expect(parseConfig(environment)).toMatchObject({
      port: 0,
      host: '::1',
      databaseUrl: environment.DATABASE_URL,
      dataDir: '/var/lib/readout',
      seed: false,
    });
  });

  it('count as not set where they are empty or blank', () => {
    expect(parseConfig({ PORT: '', HOST: ' ', DATABASE_URL: '', DATA_DIR: '\t', SEED: '' })).toEqual(
      parseConfig({}),
    );
  });

  it('that are wrong are all named at once, each with its reason', () => {
    const message = refusal({
      PORT: 'http',
      DATABASE_URL: 'mysql://localhost/readout',
      POOL_MAX: '1',
      STATEMENT_TIMEOUT_MS: '5',
      SEED: 'yes',
    });
    for (const reason of [
      /PORT.*must be a port number/,
      /DATABASE_URL.*must be a URL such as postgresql:/,
      /POOL_MAX.*at least 2/,
      /STATEMENT_TIMEOUT_MS.*at least 100/,
      /SEED.*on or off/,
    ]) {
      expect(message).toMatch(reason);
    }
    expect(message.split('\n')).toHaveLength(6);
  });

  it.each([
    ['PORT', '-1'],
    ['PORT', '65536'],
    ['PORT', '80.5'],
    ['PORT', 'NaN'],
    ['DATABASE_URL', 'postgres'],
    ['DATABASE_URL', 'postgresql://a b:c'],
    ['POOL_MAX', '501'],
    ['QUEUE_WAIT_MS', '0'],
    ['JWKS_URL', 'ftp://issuer.example/keys'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'grpc://127.0.0.1:4317'],
    ['SEED', 'ON'],
  ])('refuse %s=%s', (name, value) => {
    expect(refusal({ [name]: value })).toContain(name);
  });

  it('do not show a password or a token that they refuse', () => {
    expect(refusal({ DATABASE_URL: 'mysql://user:hunter2@localhost/readout' })).not.toContain('hunter2');
    try {
      parseConfig({ RECORDER_TOKEN: 'hunter2' });
    } catch (error) {
      expect(String(error)).not.toContain('hunter2');
    }
  });
});
