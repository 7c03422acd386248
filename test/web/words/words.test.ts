import { describe, expect, it } from 'vitest';
import { routeOf } from '../../../src/web/router/route.ts';
import { accountText, type Hop } from '../../../src/web/words/account.ts';
import { fuzzyDateText, isExact, isFuture } from '../../../src/web/words/date.ts';
import { articleOf, joinNames, type Named } from '../../../src/web/words/names.ts';
import { shortened } from '../../../src/web/words/shortened.ts';

const named = (name: string, kind: Named['kind']): Named => ({ slug: name, name, kind });

describe('on whose account', () => {
  const hop = (form: Hop['form'], name: string, kind: Named['kind']): Hop => ({
    form,
    actor: named(name, kind),
  });

  it.each([
    [[hop('READOUT', 'Kremlin', 'BODY')], 'according to the Kremlin’s readout'],
    [[hop('VIDEO', 'BFMTV', 'OUTLET')], 'in a video shared by BFMTV'],
    [[hop('PRESS_RELEASE', 'United States', 'STATE')], 'according to the United States’ press release'],
    [
      [hop('REMARKS', 'NATO', 'ORGANISATION'), hop('REPORT', 'Agence Exemple', 'OUTLET')],
      'according to NATO’s remarks, as reported by Agence Exemple',
    ],
    [[], ''],
  ])('%j', (attribution, words) => {
    expect(accountText(attribution)).toBe(words);
  });
});

describe('names', () => {
  it('are joined as in a sentence', () => {
    expect([joinNames([]), joinNames(['A']), joinNames(['A', 'B']), joinNames(['A', 'B', 'C'])]).toEqual([
      '', 'A', 'A and B', 'A, B and C',
    ]); // biome-ignore format: four short answers
  });

  it('take an article where English has one', () => {
    expect(articleOf(named('European Union', 'ORGANISATION'))).toBe('the ');
    expect(articleOf(named('NATO', 'ORGANISATION'))).toBe('');
    expect(articleOf(named('France', 'STATE'))).toBe('');
    expect(articleOf(named('Emmanuel Macron', 'PERSON'))).toBe('');
    expect(articleOf(named('The Hague Court', 'BODY'))).toBe('');
  });
});

describe('dates', () => {
  it.each([
    ['2025-07-01', '1 July 2025'],
    ['2025-07', 'July 2025'],
    ['2024~', 'about 2024'],
    ['2025-07-04?', 'perhaps 4 July 2025'],
    ['2025-06/2025-07-07', 'June 2025 to 7 July 2025'],
    ['2025-07-01/2025-07-07', '1 to 7 July 2025'],
    ['2025-06-30/2025-07-07', '30 June to 7 July 2025'],
    ['2024-12-30/2025-07-07', '30 December 2024 to 7 July 2025'],
    ['2025-07-01~/2025-07-07', 'about 1 July 2025 to 7 July 2025'],
    ['2025-07-01T14:30:00+02:00', '1 July 2025 at 14:30 (UTC+02:00)'],
    ['2025-07-01T14:30-04:00', '1 July 2025 at 14:30 (UTC−04:00)'],
    ['2025-07-01T12:30:59Z', '1 July 2025 at 12:30 (UTC)'],
  ])('%s is “%s”', (edtf, words) => {
    expect(fuzzyDateText({ edtf })).toBe(words);
  });

  it('are exact only where the day is known', () => {
    expect(isExact({ edtf: '2025-07-01', earliest: '2025-07-01', latest: '2025-07-01' })).toBe(true);
    expect(isExact({ edtf: '2025-07-01~', earliest: '2025-07-01', latest: '2025-07-01' })).toBe(false);
  });
});

describe('dates in the future', () => {
  const day = (edtf: string) => ({ edtf, earliest: edtf.slice(0, 10), latest: edtf.slice(0, 10) });

  it('have begun in no time zone', () => {
    const now = new Date('2025-07-01T09:59:00Z');
    expect(isFuture(day('2025-07-02'), now)).toBe(true);
    expect(isFuture(day('2025-07-02'), new Date('2025-07-01T10:00:00Z'))).toBe(false);
    expect(isFuture(day('2025-07-01'), now)).toBe(false);
  });

  it('with a time are compared by the minute', () => {
    const now = new Date('2025-07-01T12:30:00Z');
    expect(isFuture(day('2025-07-01T14:30+02:00'), now)).toBe(false);
    expect(isFuture(day('2025-07-01T14:31+02:00'), now)).toBe(true);
  });
});

describe('a long text', () => {
  it('is cut after a word, and says so', () => {
    expect(shortened('All sides agree.', 16)).toBe('All sides agree.');
    expect(shortened('All sides agree.', 12)).toBe('All sides …');
  });

  it('is counted in code points, and cut inside a word that is too long', () => {
    expect(shortened('🕊🕊🕊', 3)).toBe('🕊🕊🕊');
    expect(shortened('🕊🕊🕊', 2)).toBe('🕊🕊 …');
  });
});

describe('addresses', () => {
  it.each([
    ['/', 'feed', ''],
    ['/events', 'events', ''],
    ['/statements/a-b', 'statement', 'a-b'],
    ['/topics/%C3%A9', 'topic', 'é'],
    ['/topics/%', 'topic', '%'],
    ['/actors/a/b', 'nowhere', ''],
    ['/elsewhere', 'nowhere', ''],
  ])('%s is the view “%s”', (pathname, view, slug) => {
    expect(routeOf(pathname)).toEqual({ view, slug });
  });
});
