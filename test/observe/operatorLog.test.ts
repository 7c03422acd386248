import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { OperationObserver } from '../../src/observe/operations.ts';
import { type OperatorLogOptions, openOperatorLog, shortened } from '../../src/observe/operatorLog.ts';
import { passwordsOf, redactor } from '../../src/observe/redaction.ts';

const DATABASE_URL = 'postgresql://readout:p%40ssword-of-it@db.example:5432/record';
const RECORDER_TOKEN = 'the-recorders-own-token';
const SECRETS = [...passwordsOf(DATABASE_URL), RECORDER_TOKEN];

/** A log that writes into a list. */
async function open(options: Partial<OperatorLogOptions> = {}) {
  const lines: string[] = [];
  const log = await openOperatorLog({
    ...{ level: 'info', format: 'json', operations: 'info', addresses: 'short' },
    redact: redactor(SECRETS),
    stream: { write: (line) => void lines.push(line) },
    ...options,
  });
  const parsed = (): Record<string, unknown>[] => lines.map((line) => JSON.parse(line));
  return { log, lines, parsed };
}

describe('a line of the log', () => {
  it('is an object with level, time and message', async () => {
    const { log, parsed } = await open();
    log.notice('Applied the migration x.', { origin: 'http://127.0.0.1:4000' });
    log.report('Error: it broke\n    at here', 'ab12cd34');
    expect(parsed()).toMatchObject([
      { level: 'info', msg: 'Applied the migration x.', origin: 'http://127.0.0.1:4000' },
      {
        level: 'error',
        msg: 'Unexpected error',
        reference: 'ab12cd34',
        error: 'Error: it broke\n    at here',
      },
    ]);
    expect(Date.parse(String(parsed()[0]?.time))).not.toBeNaN();
  });

  it('is text for people where the format is text', async () => {
    const stream = new PassThrough();
    const { log } = await open({ format: 'text', stream });
    log.notice('Applied the migration x.');
    log.fatal('Port 4000 is in use.');
    expect(String(stream.read())).toBe('Applied the migration x.\nfatal: Port 4000 is in use.\n');
  });

  it.each([
    ['the password of DATABASE_URL', `connection to ${DATABASE_URL} failed`, 'p%40ssword'],
    ['that password as it is meant', 'password p@ssword-of-it is wrong', 'p@ssword'],
    ['RECORDER_TOKEN', `got ${RECORDER_TOKEN}`, RECORDER_TOKEN],
    ['a header', 'header authorization: Bearer abc.def-123 was sent', 'abc.def-123'],
    ['a token of the record', `token readout_${'a1B2'.repeat(8)} was used`, 'a1B2a1B2'],
    ['a JSON Web Token', 'token eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln was used', 'eyJzdWIi'],
    ['a password in any address', 'fetched https://me:secret@example.org/x', 'me:secret'],
  ])('does not have %s, wherever it comes from', async (_, text, secret) => {
    const { log, lines } = await open();
    log.notice(text, { of: text });
    log.report(text, text);
    log.fatal(text);
    expect(lines).toHaveLength(3);
    for (const line of lines) {
      expect(line).toContain('…');
      expect(line).not.toContain(secret);
      expect(() => JSON.parse(line)).not.toThrow();
    }
  });

  it('keeps addresses without a password', async () => {
    const { log, parsed } = await open();
    log.notice('PostgreSQL at db.example/record. See http://127.0.0.1:4000/graphql.');
    expect(parsed()[0]?.msg).toBe('PostgreSQL at db.example/record. See http://127.0.0.1:4000/graphql.');
  });
});

describe('the line of an operation', () => {
  const end = (observer: OperationObserver, facts: object): void =>
    observer.end(Object.assign(observer.begin('websocket', '192.0.2.17', 'order-7'), facts));

  it('says which one it was, whose, and how it ended', async () => {
    const { log, parsed } = await open();
    const observer = new OperationObserver(log.operation);
    end(observer, {
      name: 'Save',
      type: 'mutation',
      role: 'recorder',
      by: 'press',
      code: 'CONFLICT',
      points: 12,
    });
    expect(parsed()).toMatchObject([
      {
        ...{ level: 'info', msg: 'operation', requestId: 'order-7', operation: 'Save', type: 'mutation' },
        ...{ transport: 'websocket', role: 'recorder', by: 'press', client: '192.0.2.0' },
        ...{ outcome: 'refused', code: 'CONFLICT', points: 12, cached: false },
      },
    ]);
    expect(parsed()[0]?.ms).toBeGreaterThanOrEqual(0);
  });

  it('is written at its level only, but an unexpected error always', async () => {
    const { log, parsed } = await open({ operations: 'debug' });
    const observer = new OperationObserver(log.operation);
    end(observer, {});
    end(observer, { code: 'INTERNAL', reference: 'ab12cd34' });
    expect(parsed()).toMatchObject([{ level: 'error', reference: 'ab12cd34', outcome: 'failed' }]);
  });

  it('has no address where none is wanted', async () => {
    const { log, lines } = await open({ addresses: 'none' });
    end(new OperationObserver(log.operation), {});
    expect(lines.join()).not.toContain('192.0.2');
  });
});

it('an address is shortened to its network', () => {
  expect(shortened('203.0.113.77')).toBe('203.0.113.0');
  expect(shortened('2001:db8:1:2::/64')).toBe('2001:db8:1::');
});
