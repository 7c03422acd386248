import { describe, expect, it } from 'vitest';
import { DURATION_BOUNDS_SECONDS, Durations } from '../../src/observe/durations.ts';
import {
  OPERATION_NAMES_MAX,
  type OperationFacts,
  OperationObserver,
  setErrors,
} from '../../src/observe/operations.ts';
import { REQUEST_ID_LENGTH_MAX, requestIdOf } from '../../src/observe/requestId.ts';

/** Ends an operation with these facts. */
function end(observer: OperationObserver, facts: Partial<OperationFacts>): void {
  observer.end(Object.assign(observer.begin('http', '192.0.2.1', 'id'), facts));
}

const namesOf = (observer: OperationObserver): string[] =>
  [...observer.series].map(({ labels }) => labels.operation);

describe('operations', () => {
  it(`have at most ${OPERATION_NAMES_MAX} names for each role, and further names count as other`, () => {
    const observer = new OperationObserver(null);
    for (let i = 0; i < 3 * OPERATION_NAMES_MAX; i += 1) end(observer, { name: `Name${i}` });
    expect(namesOf(observer)).toHaveLength(OPERATION_NAMES_MAX + 1);
    const other = [...observer.series].find(({ labels }) => labels.operation === 'other');
    expect(other?.codes.get('none')).toBe(2 * OPERATION_NAMES_MAX);
    end(observer, { name: 'OfRecorder', role: 'recorder' });
    expect(namesOf(observer)).toContain('OfRecorder');
  });

  it('without a name count as anonymous, and a long name as other', () => {
    const observer = new OperationObserver(null);
    end(observer, { name: null });
    end(observer, { name: 'N'.repeat(1_000) });
    expect(namesOf(observer)).toEqual(['anonymous', 'other']);
  });

  it.each([
    [null, 'ok'],
    ['LIMIT_EXCEEDED', 'refused'],
    ['UNAVAILABLE', 'failed'],
    ['INTERNAL', 'failed'],
  ])('with the code %s are %s', (code, outcome) => {
    const ended: unknown[] = [];
    const observer = new OperationObserver((facts, outcome) => void ended.push([facts.code, outcome]));
    end(observer, { code });
    expect(ended).toEqual([[code, outcome]]);
    expect([...observer.series][0]?.labels.outcome).toBe(outcome);
  });

  it('have the code of their first error and the reference of any', () => {
    const facts = new OperationObserver(null).begin('http', '', 'id');
    setErrors(facts, [{ extensions: { code: 'NOT_FOUND' } }, { extensions: { reference: 'ab12' } }]);
    expect(facts).toMatchObject({ code: 'NOT_FOUND', reference: 'ab12' });
  });
});

describe('durations', () => {
  it('count in each bucket up to its bound, bound included', () => {
    const durations = new Durations();
    for (const seconds of [DURATION_BOUNDS_SECONDS[2], 0.5, 1_000]) durations.observe(seconds);
    const counts = durations.cumulative.map(({ count }) => count);
    expect(counts).toEqual([0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3]);
    expect(durations.sum).toBeCloseTo(1_000.501);
  });
});

describe('a request id', () => {
  it('is the one that the client has sent, if it is short and harmless', () => {
    expect(requestIdOf('order-7.b_c')).toBe('order-7.b_c');
    expect(requestIdOf('x'.repeat(REQUEST_ID_LENGTH_MAX))).toHaveLength(REQUEST_ID_LENGTH_MAX);
  });

  it.each([
    ['nothing', undefined],
    ['a long one', 'x'.repeat(REQUEST_ID_LENGTH_MAX + 1)],
    ['a line break', 'a\nb'],
    ['a quotation mark', 'a"b'],
    ['an object', {}],
  ])('is a new one for %s', (_, given) => {
    const made = requestIdOf(given);
    expect(made).toMatch(/^[0-9a-f]{10}-[0-9a-z]+$/);
    expect(requestIdOf(given)).not.toBe(made);
  });
});
