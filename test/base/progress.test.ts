import { describe, expect, it } from 'vitest';
import { duration, Progress, type ProgressOutput, progressText } from '../../src/base/progress.ts';
import { until } from '../support/until.ts';

const rows = { what: 'Restoring', unit: 'rows' };

function output(isTTY: boolean): ProgressOutput & { readonly written: string[] } {
  const written: string[] = [];
  return { isTTY, columns: 40, written, write: (text) => written.push(text) };
}

describe('the text of progress', () => {
  it.each([
    [
      { ...rows, done: 1_200, total: 4_000 },
      1_200,
      2_000,
      'Restoring: 1,200 of 4,000 rows (30 %), 600 a second, 5 s left',
    ],
    [
      { ...rows, done: 1_200, total: 4_000 },
      3,
      2_000,
      'Restoring: 1,200 of 4,000 rows (30 %), 1.5 a second, 31 min 7 s left',
    ],
    [{ ...rows, done: 1_200, total: null }, 1_200, 2_000, 'Restoring: 1,200 rows, 600 a second'],
    [
      { ...rows, done: 1_200, total: 4_000, note: '7 files' },
      1_200,
      2_000,
      'Restoring: 1,200 of 4,000 rows (30 %), 600 a second, 5 s left; 7 files',
    ],
    [{ ...rows, done: 0, total: 9 }, 0, 2_000, 'Restoring: 0 of 9 rows (0 %)'],
    [{ ...rows, done: 0, total: 0 }, 0, 2_000, 'Restoring: 0 of 0 rows'],
    [{ what: 'Starting', unit: '', done: 0, total: null }, 0, 61_000, 'Starting: 1 min 1 s so far'],
  ])('has the count, the rate and the time that is left: %j', (state, doneHere, elapsedMs, text) => {
    expect(progressText(state, doneHere, elapsedMs)).toBe(text);
  });

  it('writes times with two units', () => {
    expect([400, 59_400, 200_000, 7_500_000].map(duration)).toEqual([
      '0 s',
      '59 s',
      '3 min 20 s',
      '2 h 5 min',
    ]);
  });
});

describe('progress', () => {
  it('is one line on a terminal, cut at its width and removed at the end', async () => {
    const terminal = output(true);
    const progress = new Progress(terminal, 1);
    progress.at({ ...rows, done: 1, total: 1_000_000 });
    await until('a line', () => terminal.written.length > 1);
    progress.end();
    for (const text of terminal.written.slice(0, -1)) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: terminals are told with control characters
      expect(text).toMatch(/^\r\u001b\[2KRestoring: 1 of 1,000,000 rows .{1,9}\r$/);
    }
    expect(terminal.written.at(-1)).toBe('\r\u001b[2K');
  });

  it('gives way to a message that stays', async () => {
    const terminal = output(true);
    const progress = new Progress(terminal, 1);
    progress.at({ ...rows, done: 1, total: null });
    await until('a line', () => terminal.written.length > 0);
    progress.tell('Something else');
    expect(terminal.written.slice(-2)).toEqual(['\r\u001b[2K', 'Something else\n']);
    progress.end();
  });

  it('is plain lines elsewhere', async () => {
    const file = output(false);
    const progress = new Progress(file, 1);
    progress.at({ ...rows, done: 0, total: 8 });
    await until('a line', () => file.written.length > 0);
    progress.end();
    expect(new Set(file.written)).toEqual(new Set(['Restoring: 0 of 8 rows (0 %)\n']));
  });

  it('measures the rate of each phase from its beginning', async () => {
    const file = output(false);
    const progress = new Progress(file, 1);
    progress.at({ ...rows, done: 500, total: 1_000 });
    progress.at({ ...rows, unit: 'changes', done: 500, total: 1_000 });
    await until('a line', () => file.written.length > 0);
    progress.end();
    expect(file.written[0]).toBe('Restoring: 500 of 1,000 changes (50 %)\n');
  });
});
