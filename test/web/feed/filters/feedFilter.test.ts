import { describe, expect, it } from 'vitest';
import {
  countConditions,
  formatFeedFilter,
  parseFeedFilter,
  toStatementFilter,
} from '../../../../src/web/feed/filters/feedFilter.ts';

const FULL =
  '?q=cease+fire&actor=kremlin&actor=iran&giver=kremlin&side=france&side=russia&topic=ukraine-war&stance=supports&event=call&from=2025-07-01&to=2025-07-31&retracted=';

describe('the filter in the address', () => {
  it('comes back as it was written', () => {
    expect(formatFeedFilter(parseFeedFilter(FULL))).toBe(`/${FULL}`);
    expect(formatFeedFilter(parseFeedFilter(''))).toBe('/');
  });

  it('leaves out what it can’t use', () => {
    const filter = parseFeedFilter('?stance=loves&from=yesterday&actor=&topic=a&topic=a');
    expect(filter).toMatchObject({ stances: [], from: '', actors: [], topics: ['a'] });
    expect(countConditions(filter)).toBe(1);
  });

  it('asks for an actor as speaker or as who passed it on', () => {
    expect(toStatementFilter(parseFeedFilter('?actor=kremlin&stance=OPPOSES'))).toEqual({
      any: [{ speakers: ['kremlin'] }, { attributedTo: ['kremlin'] }],
      stances: ['OPPOSES'],
    });
    expect(toStatementFilter(parseFeedFilter(''))).toEqual({});
  });

  it('asks for the giver, and for the side of the giver', () => {
    const filter = parseFeedFilter('?giver=kremlin&side=france&side=russia');
    expect(toStatementFilter(filter)).toEqual({ givers: ['kremlin'], sides: ['france', 'russia'] });
    expect(countConditions(filter)).toBe(3);
  });
});
