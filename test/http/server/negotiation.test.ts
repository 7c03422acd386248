import { describe, expect, it } from 'vitest';
import { answerTypeOf } from '../../../src/http/graphql/answer.ts';
import { wantsEvents } from '../../../src/http/live/sse/sse.ts';
import { asksForPage } from '../../../src/http/server/headers.ts';
import { chooseEncoding } from '../../../src/http/server/negotiation.ts';

const JSON_TYPE = 'application/json';
const RESPONSE_TYPE = 'application/graphql-response+json';

describe('the type of an answer', () => {
  it.each([
    [undefined, JSON_TYPE],
    ['*/*', JSON_TYPE],
    ['application/*', JSON_TYPE],
    ['APPLICATION/JSON', JSON_TYPE],
    [RESPONSE_TYPE, RESPONSE_TYPE],
    [`${RESPONSE_TYPE}, application/json;q=0.9`, RESPONSE_TYPE],
    [`${RESPONSE_TYPE};q=0.5, application/json;q=0.9`, JSON_TYPE],
    [`text/html, ${RESPONSE_TYPE};q=0.5`, RESPONSE_TYPE],
    [`application/json;q=0, ${RESPONSE_TYPE}`, RESPONSE_TYPE],
    [`*/*, application/json;q=0`, RESPONSE_TYPE],
    [`application/json;q=0`, null],
    ['text/html', null],
    ['application/json; charset=utf-8', JSON_TYPE],
    ['application/json;q=none', null],
    ['', null],
  ])('for “%s” is %s', (accept, type) => {
    expect(answerTypeOf(accept)).toBe(type);
  });
});

describe('events', () => {
  it.each([
    ['text/event-stream', true],
    ['text/event-stream, application/json', true],
    ['text/event-stream, */*;q=0.1', true],
    ['text/*', true],
    ['application/json, text/event-stream', false],
    ['text/event-stream;q=0.5, application/json', false],
    ['text/event-stream;q=0', false],
    ['*/*, text/event-stream', false],
    ['*/*, text/event-stream;q=0', false],
    ['*/*', false],
    [undefined, false],
  ])('for “%s” are preferred: %s', (accept, preferred) => {
    expect(wantsEvents(accept)).toBe(preferred);
  });
});

describe('a page', () => {
  it.each([
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', true],
    ['TEXT/HTML', true],
    ['text/html;q=0', false],
    ['text/html;q=0.2, application/json', false],
    ['application/json, text/html', false],
    ['*/*', false],
    [undefined, false],
  ])('for “%s” is preferred: %s', (accept, preferred) => {
    expect(asksForPage({ method: 'GET', headers: { accept } })).toBe(preferred);
    expect(asksForPage({ method: 'POST', headers: { accept } })).toBe(false);
  });
});

describe('the encoding of a file', () => {
  it.each([
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip;q=1.0, br;q=0.5', 'br'],
    ['br;q=0, gzip', 'gzip'],
    ['br;q=0.000, *', 'gzip'],
    ['*', 'br'],
    ['*;q=0', null],
    ['identity', null],
    ['', null],
    [undefined, null],
  ])('for “%s” is %s', (accept, encoding) => {
    expect(chooseEncoding(accept, ['br', 'gzip'])).toBe(encoding);
  });
});

it('only the beginning of a long header is read', () => {
  const ranges = 'a/b, '.repeat(3_000);
  expect(answerTypeOf(`${RESPONSE_TYPE}, ${ranges}`)).toBe(RESPONSE_TYPE);
  expect(answerTypeOf(`${ranges}${RESPONSE_TYPE}`)).toBeNull();
  expect(chooseEncoding(`${ranges}br`, ['br', 'gzip'])).toBeNull();
});
