import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { ReadoutError } from '../../../src/base/errors.ts';
import { INPUT_MAX } from '../../../src/domain/input/field.ts';
import { statementInput } from '../../../src/domain/input/statement.ts';
import { parseSeedFile } from '../../../src/import/seed/file.ts';
import { makeSeedSchema } from '../../../src/import/seed/schema.ts';

const SEED_DIR = new URL('../../../seed/', import.meta.url);
const jsonSchema = JSON.parse(readFileSync(new URL('seed.schema.json', SEED_DIR), 'utf8'));
const seedText = readFileSync(new URL('macron-putin-call.yaml', SEED_DIR), 'utf8');
const validate = new Ajv2020({ allErrors: true }).compile(jsonSchema);

type Entry = Record<string, unknown>;
type Lists = Record<'actors' | 'topics' | 'sources' | 'events' | 'statements', Entry>;

const DIGEST = '0'.repeat(64);
/** One good entry of each list, with every field. */
const GOOD: Lists = {
  actors: {
    slug: 'a',
    name: 'A',
    kind: 'STATE',
    description: 'D',
    aliases: [{ name: 'B', language: 'en', metonym: true, from: '2020-01-01', to: '2021-01-01' }],
    affiliations: [{ in: 'b', role: 'R', from: '2020-01-01', to: '2021-01-01' }],
  },
  topics: { slug: 'a', name: 'A', description: 'D', proposition: 'P', parent: 'b' },
  sources: {
    slug: 'a',
    title: 'T',
    publisher: 'b',
    url: 'https://example.org/',
    publishedOn: '2025-01-01',
    language: 'en',
    digest: DIGEST,
    length: 9,
    text: 'text',
    licence: 'CC-BY-4.0',
  },
  events: { slug: 'a', name: 'A', kind: 'CALL', description: 'D', date: '2025', participants: ['b'] },
  statements: {
    slug: 'a',
    key: 'k',
    text: 'T',
    quote: 'Q',
    language: 'en',
    mode: 'DIRECT',
    act: 'STATE',
    speakers: ['b'],
    mentions: [{ as: 'M', actor: 'b' }],
    addressees: ['c'],
    attribution: [{ actor: 'b', form: 'READOUT' }],
    said: '2025-07',
    topics: [{ topic: 't', stance: 'SUPPORTS' }],
    events: ['e'],
    source: 's',
    anchors: [
      {
        start: 0,
        end: 1,
        digest: DIGEST,
        exact: 'x',
        role: 'CUE',
        prefix: 'w',
        suffix: 'y',
        page: 'iv',
        paragraph: '2',
        timeCode: '00:00:01',
      },
    ],
    order: 1,
    coder: 'C',
    confidence: 0.5,
    links: [{ to: 'b', kind: 'ECHOES' }],
  },
};
function isAccepted(content: unknown): boolean {
  try {
    parseSeedFile('file', stringify(content));
    return true;
  } catch (error) {
    if (error instanceof ReadoutError) return false;
    throw error;
  }
}

/** The good entry of a list with something else at a path: `anchors.0.start`; undefined takes it away. */
function changed(list: keyof Lists, path: string, value: unknown): Record<string, Entry[]> {
  const entry = structuredClone(GOOD[list]);
  const steps = path.split('.');
  const last = steps.pop() as string;
  const target = steps.reduce<Entry>((inner, step) => inner[step] as Entry, entry);
  if (value === undefined) delete target[last];
  else target[last] = value;
  return { [list]: [entry] };
}

describe('seed.schema.json', () => {
  it('accepts the seed', () => {
    validate(parse(seedText));
    expect(validate.errors ?? []).toEqual([]);
  });

  it('is what the shapes of the inputs describe', () => {
    expect(jsonSchema, 'a shape has changed: run “npm run seed:schema”').toEqual(makeSeedSchema());
  });

  it('describes every list, every kind of entry and every field', () => {
    const missing: string[] = [];
    const visit = (node: unknown, path: string): void => {
      if (typeof node !== 'object' || node === null) return;
      const { properties } = node as { properties?: Record<string, { description?: string; $ref?: string }> };
      for (const [name, property] of Object.entries(properties ?? {})) {
        if (path.endsWith('/if') || path.includes('/allOf/')) continue;
        const target = property.$ref && jsonSchema.$defs[property.$ref.replace('#/$defs/', '')];
        if (!property.description && !target?.description) missing.push(`${path}/${name}`);
      }
      for (const [key, inner] of Object.entries(node)) visit(inner, `${path}/${key}`);
    };
    visit(jsonSchema, '');
    expect(missing).toEqual([]);
  });

  const agreed: [keyof Lists, string, unknown, boolean][] = [];
  const add = (list: keyof Lists, path: string, good: readonly unknown[], bad: readonly unknown[]): void => {
    for (const value of good) agreed.push([list, path, value, true]);
    for (const value of bad) agreed.push([list, path, value, false]);
  };
  const text = (list: keyof Lists, path: string, max: number): void =>
    add(list, path, ['x', 'x'.repeat(max)], ['', 'x'.repeat(max + 1), 42, true, ['x']]);
  const slugs = (list: keyof Lists, path: string): void =>
    add(
      list,
      path,
      ['x', 'a-1', 'x'.repeat(INPUT_MAX.slug)],
      ['', 'A', 'a b', '-a', 'a-', 'a--b', 'é', 'x'.repeat(81), 1],
    );
  const lists = (list: keyof Lists, path: string, item: (i: number) => unknown, max: number): void =>
    add(
      list,
      path,
      [Array.from({ length: max }, (_, i) => item(i))],
      [Array.from({ length: max + 1 }, (_, i) => item(i)), 'x', { 0: item(0) }, [null]],
    );
  const DAYS = ['2025-01-01', '0001-12-31'];
  const NO_DAYS = ['2025', '2025-13-01', '2025-01-32', '2025-1-1', '2025-01-01T00:00', '', 20250101];
  const EDTF = [
    '2025',
    '2025-07',
    '2025-07-01',
    '2024~',
    '2024-05?',
    '2024-05-06%',
    '2025-06/2025-07-07',
    '2024~/2025~',
  ];
  const NO_EDTF = [
    '',
    '25',
    '2025-00',
    '2025-13',
    '2025-07-32',
    '~2025',
    '2025/',
    '/2025',
    '2025/2026/2027',
    '..',
    2025,
  ];
  const LANGUAGES = ['en', 'pt-BR', 'zh-Hant-TW'];
  const NO_LANGUAGES = ['', 'e', 'english!', 'en_GB', 1];
  const DIGESTS = [DIGEST, 'abcdef0123456789'.repeat(4)];
  const NO_DIGESTS = ['', 'A'.repeat(64), '0'.repeat(63), '0'.repeat(65), 0];

  for (const list of Object.keys(GOOD) as (keyof Lists)[]) {
    add(
      list,
      'slug',
      ['x', 'a-1', 'x'.repeat(80)],
      ['', 'A', 'a b', '-a', 'a-', 'a--b', 'x'.repeat(81), 1, undefined],
    );
    add(list, 'surplus', [], ['x', 0]);
  }
  text('actors', 'name', INPUT_MAX.name);
  text('actors', 'description', INPUT_MAX.description);
  add('actors', 'name', [], [undefined]);
  add(
    'actors',
    'kind',
    ['PERSON', 'STATE', 'ORGANISATION', 'BODY', 'OUTLET'],
    ['person', '', 'X', undefined],
  );
  add('actors', 'aliases', [undefined, []], []);
  lists('actors', 'aliases', () => ({ name: 'x' }), INPUT_MAX.aliases);
  text('actors', 'aliases.0.name', INPUT_MAX.name);
  add('actors', 'aliases.0.language', LANGUAGES, NO_LANGUAGES);
  add('actors', 'aliases.0.metonym', [true, false], ['yes', 1]);
  add('actors', 'aliases.0.from', EDTF, NO_EDTF);
  add('actors', 'aliases.0.surplus', [], [1]);
  lists('actors', 'affiliations', () => ({ in: 'b', role: 'x' }), INPUT_MAX.affiliations);
  slugs('actors', 'affiliations.0.in');
  text('actors', 'affiliations.0.role', INPUT_MAX.role);
  add('actors', 'affiliations.0.role', [], [undefined]);
  add('actors', 'affiliations.0.to', EDTF, NO_EDTF);
  text('topics', 'name', INPUT_MAX.name);
  text('topics', 'description', INPUT_MAX.description);
  text('topics', 'proposition', INPUT_MAX.proposition);
  slugs('topics', 'parent');
  text('sources', 'title', INPUT_MAX.title);
  slugs('sources', 'publisher');
  add(
    'sources',
    'url',
    ['https://a.example/b?c#d', 'http://a.example'],
    ['', 'a.example', 'ftp://a.example', 1],
  );
  add('sources', 'publishedOn', DAYS, NO_DAYS);
  add('sources', 'language', LANGUAGES, NO_LANGUAGES);
  add('sources', 'digest', DIGESTS, NO_DIGESTS);
  add('sources', 'length', [1, 2436], [0, -1, 1.5, '1']);
  add('sources', 'text', [undefined, 'x'], ['', 1]);
  text('events', 'name', INPUT_MAX.name);
  text('events', 'description', INPUT_MAX.description);
  add(
    'events',
    'kind',
    ['CALL', 'MEETING', 'SUMMIT', 'PRESS_APPEARANCE', 'MILITARY_ACTION', 'DECISION', 'OTHER'],
    ['X', undefined],
  );
  add('events', 'date', EDTF, [...NO_EDTF, undefined]);
  lists('events', 'participants', (i) => `p${i}`, INPUT_MAX.participants);
  text('statements', 'key', INPUT_MAX.key);
  text('statements', 'text', INPUT_MAX.text);
  text('statements', 'quote', INPUT_MAX.quote);
  add('statements', 'text', [undefined], []);
  text('statements', 'coder', INPUT_MAX.coder);
  add('statements', 'confidence', [0, 0.85, 1, undefined], [-0.1, 1.1, '1', 'high']);
  add('statements', 'order', [0, 7, undefined], [-1, 0.5, '1']);
  add('statements', 'language', LANGUAGES, NO_LANGUAGES);
  add('statements', 'mode', ['DIRECT', 'INDIRECT', 'MIXED'], ['X', undefined]);
  for (const act of Object.values<string>(statementInput.shape.act.enum)) add('statements', 'act', [act], []);
  add('statements', 'act', [], ['SING', undefined]);
  add('statements', 'speakers', [[], undefined], []);
  lists('statements', 'mentions', (i) => ({ as: `m${i}` }), INPUT_MAX.mentions);
  text('statements', 'mentions.0.as', INPUT_MAX.mention);
  add('statements', 'mentions.0.as', [], [undefined]);
  slugs('statements', 'mentions.0.actor');
  lists('statements', 'speakers', (i) => `p${i}`, INPUT_MAX.speakers);
  lists('statements', 'addressees', (i) => `p${i}`, INPUT_MAX.addressees);
  lists('statements', 'attribution', (i) => ({ actor: `p${i}`, form: 'READOUT' }), INPUT_MAX.attribution);
  add(
    'statements',
    'attribution.0.form',
    ['READOUT', 'REMARKS', 'VIDEO', 'INTERVIEW', 'PRESS_RELEASE', 'SOCIAL_POST', 'REPORT'],
    ['X', undefined],
  );
  add('statements', 'said', EDTF, [...NO_EDTF, undefined]);
  lists('statements', 'topics', (i) => ({ topic: `t${i}` }), INPUT_MAX.topics);
  add(
    'statements',
    'topics.0.stance',
    ['SUPPORTS', 'OPPOSES', 'MIXED', 'NEUTRAL', 'UNCLEAR', undefined],
    ['X'],
  );
  lists('statements', 'events', (i) => `e${i}`, INPUT_MAX.events);
  slugs('statements', 'source');
  lists('statements', 'anchors', (i) => ({ start: i, end: i + 1, digest: DIGEST }), INPUT_MAX.anchors);
  add('statements', 'anchors.0.start', [0, 7], [-1, 0.5, '0']);
  add('statements', 'anchors.0.end', [1, 7], [0, 1.5, '1']);
  add('statements', 'anchors.0.digest', DIGESTS, NO_DIGESTS);
  add('statements', 'anchors.0.role', ['CONTENT', 'CUE', 'SPEAKER', 'ADDRESSEE', undefined], ['X']);
  text('statements', 'anchors.0.prefix', INPUT_MAX.context);
  text('statements', 'anchors.0.page', INPUT_MAX.locator);
  add(
    'statements',
    'anchors.0.timeCode',
    ['00:12:34', '123:00:00.5', '1:00:00.500'],
    ['', '12:34', '00:60:00', '00:00:00.1234', 754],
  );
  add(
    'statements',
    'anchors.0.exact',
    ['x', undefined, 'x'.repeat(INPUT_MAX.quote)],
    ['', 'x'.repeat(INPUT_MAX.quote + 1), 1],
  );
  lists('statements', 'links', (i) => ({ to: `s${i}`, kind: 'ECHOES' }), INPUT_MAX.links);
  add(
    'statements',
    'links.0.kind',
    ['ECHOES', 'AGREES_WITH', 'DISPUTES', 'REPLIES_TO', 'SHIFTS_FROM', 'CORRECTS'],
    ['X', undefined],
  );

  it('agrees with the domain on what is right and what is wrong', () => {
    expect(agreed.length).toBeGreaterThan(300);
    const disagreements = agreed.flatMap(([list, path, value, right]) => {
      const content = changed(list, path, value);
      const [bySchema, byDomain] = [validate(content), isAccepted(content)];
      if (bySchema === right && byDomain === right) return [];
      const shown = JSON.stringify(value)?.slice(0, 60);
      return [`${list}.${path} = ${shown}: right ${right}, schema ${bySchema}, domain ${byDomain}`];
    });
    expect(disagreements).toEqual([]);
  });

  it.each([
    ['a source without its digest', 'sources', 'digest'],
    ['a source without its length', 'sources', 'length'],
    ['a statement without anchors', 'statements', 'anchors'],
    ['an event without participants', 'events', 'participants'],
    ['a direct statement without its quote', 'statements', 'quote'],
    ['a span without its start', 'statements', 'anchors.0.start'],
    ['a span without its end', 'statements', 'anchors.0.end'],
    ['a span without its digest', 'statements', 'anchors.0.digest'],
  ] as const)('asks for more than the domain: it refuses %s', (_, list, field) => {
    expect(validate(changed(list, field, undefined))).toBe(false);
  });

  it('refuses a statement with neither speakers nor mentions, or neither text nor quote, or an anchor with no place', () => {
    const { speakers, mentions, text: _, quote, ...rest } = GOOD.statements;
    const statement = { ...rest, mode: 'INDIRECT' };
    const isValid = (fields: Entry) => validate({ statements: [{ ...statement, ...fields }] });
    expect(isValid({ speakers, quote })).toBe(true);
    expect(isValid({ mentions, quote })).toBe(true);
    expect(isValid({ speakers: [], quote })).toBe(false);
    expect(isValid({ quote })).toBe(false);
    expect(isValid({ speakers })).toBe(false);
    expect(isValid({ speakers, quote, anchors: [{ page: '1' }] })).toBe(true);
    expect(isValid({ speakers, quote, anchors: [{ role: 'CUE' }] })).toBe(false);
  });
});
