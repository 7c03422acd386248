import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ReadoutError } from '../../../src/base/errors.ts';
import { openDatabase } from '../../../src/db/client.ts';
import { transact } from '../../../src/db/transaction.ts';
import { loadSeedFile, loadSeeds, readSeedFiles } from '../../../src/import/seed/load.ts';
import { BELL_CHANNEL } from '../../../src/log/append.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { recordSql } from '../../support/graphql.ts';
import { saveSource } from '../../support/saves.ts';

let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
});
afterAll(() => test.drop());

const DIGEST = '0'.repeat(64);
const ANCHOR = `anchors: [{ start: 0, end: 9, digest: "${DIGEST}" }]`;
/** A right file; the tests put something wrong in the place of one of its lines. */
const GOOD = `actors:
  - slug: ruritania
    name: Ruritania
    kind: STATE
  - slug: minister
    name: The Minister
    kind: PERSON
    affiliations: [{ in: ruritania, role: Minister, from: "2020-01-01", to: "2025-01-01" }]
topics:
  - slug: talks
    name: Talks
    proposition: There should be talks.
  - slug: rumours
    name: Rumours
    parent: talks
sources:
  - slug: gazette
    title: Gazette
    publishedOn: "2025-03-05"
    language: en
    digest: "${DIGEST}"
    length: 100
events:
  - slug: meeting
    name: Meeting
    kind: MEETING
    date: "2025-03"
    participants: [ruritania]
statements:
  - slug: will-attend
    text: The minister will attend.
    mode: INDIRECT
    act: PLEDGE
    speakers: [minister]
    attribution: [{ actor: ruritania, form: READOUT }]
    said: "2025-03-03"
    topics: [{ topic: talks, stance: SUPPORTS }]
    events: [meeting]
    source: gazette
    ${ANCHOR}
  - slug: wont-attend
    text: The minister will not attend.
    mode: INDIRECT
    act: REJECT
    speakers: [minister]
    said: "2025-03-04"
    source: gazette
    ${ANCHOR}
    links: [{ to: will-attend, kind: SHIFTS_FROM }]
`;

function lineOf(text: string, part: string): number {
  return text.slice(0, text.indexOf(part)).split('\n').length;
}

async function counts(): Promise<number[]> {
  const { rows } = await test.db.pool.query(
    `SELECT (SELECT position FROM head)::int AS head, (SELECT count(*)::int FROM change) AS changes,
       (SELECT count(*)::int FROM actor) AS actors, (SELECT count(*)::int FROM statement) AS statements`,
  );
  return Object.values(rows[0]);
}

/** The lines of the refusal of a file, after nothing of it was found in the record. */
async function refusal(text: string): Promise<string[]> {
  const before = await counts();
  const error: unknown = await loadSeedFile(test.db.prisma, 'wrong.yaml', text).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ReadoutError);
  expect((error as ReadoutError).code).toBe('INVALID_INPUT');
  expect(await counts()).toEqual(before);
  const [first, ...lines] = (error as ReadoutError).message.split('\n');
  expect(first).toMatch(/^wrong\.yaml .*No entry of it was loaded\.$/);
  return lines.map((line) => line.trim());
}

describe('the seed', () => {
  it('loads, and each of its rows has its position in the log, contiguous from 1', async () => {
    const [{ added, kept } = { added: 0, kept: 1 }] = await loadSeeds(test.db.prisma);
    expect(kept).toBe(0);
    expect(added).toBe(64);
    const { rows } = await test.db.pool.query(
      'SELECT position::int, kind, by, statement_id, actor_id, topic_id, source_id, event_id FROM change ORDER BY position',
    );
    expect(rows.map(({ position }) => position)).toEqual(Array.from({ length: added }, (_, i) => i + 1));
    expect(new Set(rows.map(({ by }) => by))).toEqual(new Set(['seed']));
    const kinds = new Map<string, number>();
    for (const { kind } of rows) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    for (const [kind, table] of Object.entries({
      ACTOR_ADDED: 'actor',
      TOPIC_ADDED: 'topic',
      SOURCE_ADDED: 'source',
      EVENT_ADDED: 'event',
      STATEMENT_ADDED: 'statement',
    })) {
      const { rows: counted } = await test.db.pool.query(`SELECT count(*)::int AS count FROM ${table}`);
      expect(kinds.get(kind), kind).toBe(counted[0].count);
      const ids = new Set(rows.map((row) => row[`${table}_id`]).filter((id) => id !== null));
      expect(ids.size, kind).toBe(counted[0].count);
    }
    const positions = await test.db.pool.query(
      `SELECT FROM statement s LEFT JOIN change c ON c.position = s.added_position AND c.statement_id = s.id
       WHERE c.position IS NULL OR s.position <> s.added_position`,
    );
    expect(positions.rows).toEqual([]);
    const head = await test.db.pool.query('SELECT position::int FROM head');
    expect(head.rows).toEqual([{ position: added }]);
  });

  it('loads a second time without writing anything', async () => {
    const before = await counts();
    const [result] = await loadSeeds(test.db.prisma);
    expect(result).toMatchObject({ added: 0, kept: 64 });
    expect(await counts()).toEqual(before);
  });

  it('loads once where two processes start at the same time', async () => {
    const { db, drop } = await createTestDatabase({ seeded: false });
    const [file] = await readSeedFiles();
    const results = await Promise.all(
      [1, 2].map(() => loadSeedFile(db.prisma, file?.name ?? '', file?.text ?? '')),
    );
    expect(results.reduce((sum, { added }) => sum + added, 0)).toBe(64);
    expect(results.map(({ added, kept }) => added + kept)).toEqual([64, 64]);
    const { rows } = await db.pool.query(
      'SELECT count(*)::int AS count, max(position)::int AS last FROM change',
    );
    expect(rows).toEqual([{ count: 64, last: 64 }]);
    await drop();
  });
});

describe('a seed file', () => {
  it('is taken when it is right, in whatever order it lists what refers to one another', async () => {
    const { db, drop } = await createTestDatabase({ seeded: false });
    const reversed = GOOD.replace(
      /( {2}- slug: talks[\s\S]*?)( {2}- slug: rumours[\s\S]*?)(?=sources)/,
      (_, talks: string, rumours: string) => rumours + talks,
    );
    expect(reversed.indexOf('slug: rumours')).toBeLessThan(reversed.indexOf('slug: talks'));
    expect(await loadSeedFile(db.prisma, 'good.yaml', reversed)).toEqual({
      file: 'good.yaml',
      added: 8,
      kept: 0,
    });
    expect(await loadSeedFile(db.prisma, 'good.yaml', GOOD)).toEqual({
      file: 'good.yaml',
      added: 0,
      kept: 8,
    });
    await drop();
  });

  it('keeps what the record has, and adds what is new to it', async () => {
    const { db, drop } = await createTestDatabase({ seeded: false });
    await loadSeedFile(db.prisma, 'good.yaml', GOOD);
    const more = GOOD.replace('slug: wont-attend', 'slug: still-wont-attend').replace(
      'name: Talks',
      'name: Chats',
    );
    expect(await loadSeedFile(db.prisma, 'more.yaml', more)).toEqual({
      file: 'more.yaml',
      added: 1,
      kept: 7,
    });
    expect(await db.prisma.topic.findUnique({ where: { slug: 'talks' } })).toMatchObject({ name: 'Talks' });
    await drop();
  });

  it('may have more statements than a request, also such that link across its parts', async () => {
    const { db, drop } = await createTestDatabase({ seeded: false });
    const notices: string[] = [];
    const cut = GOOD.indexOf('statements:');
    const statements = Array.from({ length: 1_200 }, (_, i) => ({
      slug: `statement-${i}`,
      text: `Statement ${i}.`,
      ...{ mode: 'INDIRECT', act: 'STATE', speakers: ['minister'], said: '2025-03-03', source: 'gazette' },
      ...(i >= 600 && { links: [{ to: `statement-${i - 600}`, kind: 'ECHOES' }] }),
    }));
    const text = `${GOOD.slice(0, cut)}statements: ${JSON.stringify(statements)}\n`;
    const load = () => loadSeedFile(db.prisma, 'many.yaml', text, (message) => void notices.push(message));
    expect(await load()).toEqual({ file: 'many.yaml', added: 1_206, kept: 0 });
    expect(await db.prisma.statementLink.count()).toBe(600);
    expect(await load()).toEqual({ file: 'many.yaml', added: 0, kept: 1_206 });
    await drop();
  });

  it('that is long is reported while it is loaded', async () => {
    const { db, drop } = await createTestDatabase({ seeded: false });
    const states: string[] = [];
    const cut = GOOD.indexOf('statements:');
    const statement = (i: number) =>
      `{ slug: s-${i}, text: S ${i}, mode: INDIRECT, act: STATE, speakers: [minister], said: "2025", source: gazette }`;
    const statements = Array.from({ length: 4_000 }, (_, i) => `  - ${statement(i)}\n`).join('');
    const text = `${GOOD.slice(0, cut)}statements:\n${statements}`;
    await loadSeedFile(
      db.prisma,
      'long.yaml',
      text,
      undefined,
      ({ what, unit, done, total }) => void states.push(`${what}: ${done} of ${total} ${unit}`),
    );
    expect(states).toContain('Loading long.yaml: 2006 of 4006 entries');
    expect(states.at(-1)).toBe('Loading long.yaml: 4006 of 4006 entries');
    await drop();
  });

  it('is loaded with what is odd about it, each with its line and path', async () => {
    const { db, drop } = await createTestDatabase({ seeded: false });
    const notices: string[] = [];
    const odd = GOOD.replace('said: "2025-03-03"', 'said: "2999-03-03T10:00Z"')
      .replace(`    ${ANCHOR}\n    links`, '    links')
      .replace('links: [{ to: will-attend, kind: SHIFTS_FROM }]', '');
    const load = () => loadSeedFile(db.prisma, 'odd.yaml', odd, (message) => void notices.push(message));
    expect(await load()).toMatchObject({ added: 8 });
    const said = lineOf(odd, 'said: "2999');
    expect(notices).toEqual([
      `Warning: odd.yaml:${said}: statements[0].said It was said after its source “gazette” was published, on 2025-03-05. Check both dates.`,
      `Warning: odd.yaml:${said}: statements[0].said 2999-03-03T10:00Z is in the future. Check the date.`,
      `Warning: odd.yaml:${lineOf(odd, 'slug: wont-attend')}: statements[1].anchors It has no anchor. Add the span of its source in which it is written.`,
    ]);
    await load();
    expect(notices, 'entries that the record has already get no warnings').toHaveLength(3);
    await drop();
  });

  it('with many odd entries names the first of them, and counts the others', async () => {
    const { db, drop } = await createTestDatabase({ seeded: false });
    const notices: string[] = [];
    const statements = Array.from({ length: 120 }, (_, i) => ({
      slug: `statement-${i}`,
      text: `Statement ${i}.`,
      ...{ mode: 'INDIRECT', act: 'STATE', speakers: ['minister'], said: '2025-03-03', source: 'gazette' },
    }));
    const text = `${GOOD.slice(0, GOOD.indexOf('statements:'))}statements: ${JSON.stringify(statements)}\n`;
    await loadSeedFile(db.prisma, 'many.yaml', text, (message) => void notices.push(message));
    expect(notices).toHaveLength(51);
    expect(notices.at(-1)).toBe('Warning: many.yaml has 70 more warnings: 70 NO_ANCHOR.');
    await drop();
  });

  it('reports each entry that differs from the record, with its fields, and changes none', async () => {
    const { db, drop } = await createTestDatabase({ seeded: false });
    const notices: string[] = [];
    const load = (text: string) =>
      loadSeedFile(db.prisma, 'known.yaml', text, (notice) => notices.push(notice));
    await load(GOOD);
    await load(GOOD);
    expect(notices).toEqual([]);
    await transact(db.prisma, (tx) =>
      saveSource(tx, { slug: 'gazette', url: 'https://example.org/', language: 'de' }, 'recorder'),
    );
    const changed = GOOD.replace('name: The Minister', 'name: A Minister')
      .replace('role: Minister,', 'role: Envoy,')
      .replace('The minister will attend.', 'The minister may attend.');
    const before = await db.pool.query('SELECT position FROM head');
    expect(await load(changed)).toMatchObject({ added: 0, kept: 8 });
    const line = (part: string) => lineOf(changed, part);
    expect(notices).toEqual([
      `Warning: known.yaml:${line('slug: minister')}: actors[1] differs from the record in name, affiliations. The record was not changed.`,
      `Warning: known.yaml:${line('slug: gazette')}: sources[0] differs from the record in url, language. The record was not changed.`,
      `Warning: known.yaml:${line('slug: will-attend')}: statements[0] differs from the record in text. The record was not changed.`,
    ]);
    expect((await db.pool.query('SELECT position FROM head')).rows).toEqual(before.rows);
    await drop();
  });

  it('lets a recorder write during the load', async () => {
    const { db, url, drop } = await createTestDatabase({ seeded: false });
    const listener = new pg.Client({ connectionString: url });
    await listener.connect();
    const committed = new Promise((resolve) => listener.once('notification', resolve));
    await listener.query(`LISTEN ${BELL_CHANNEL}`);
    const actors = Array.from(
      { length: 1_200 },
      (_, i) => `  - { slug: actor-${i}, name: Actor ${i}, kind: PERSON }\n`,
    );
    const loading = loadSeedFile(db.prisma, 'actors.yaml', `actors:\n${actors.join('')}`);
    await committed; // the first list of them; the others are still to come
    const source = { title: 'Bulletin', slug: 'bulletin' };
    const saved = await transact(db.prisma, (tx) => saveSource(tx, source, 'recorder'));
    expect(await loading).toMatchObject({ added: 1_200 });
    const { rows } = await db.pool.query('SELECT position::int FROM head');
    expect(rows[0].position).toBe(1_201);
    expect(Number(saved.position), 'position of what was recorded during the load').toBeLessThan(1_201);
    await listener.end();
    await drop();
  });

  it('is completed by the next load after an interruption', async () => {
    const { db, drop } = await createTestDatabase({ seeded: false });
    const broken = openDatabase({ url: db.url, poolMax: 1, statementTimeoutMs: 10_000 });
    const sql = recordSql(broken);
    let ended: Promise<void> | undefined;
    broken.pool.on('acquire', () => {
      if (sql.filter((text) => text === 'COMMIT').length === 3) ended ??= broken.pool.end();
    });
    await expect(loadSeedFile(broken.prisma, 'good.yaml', GOOD)).rejects.toThrow();
    await ended;
    const { added, kept } = await loadSeedFile(db.prisma, 'good.yaml', GOOD);
    expect([added + kept, kept > 0, added > 0]).toEqual([8, true, true]);
    await drop();
  });

  it('may refer to what another file has brought', async () => {
    const { db, drop } = await createTestDatabase({ seeded: false });
    const cut = GOOD.indexOf('sources:');
    await loadSeedFile(db.prisma, 'one.yaml', GOOD.slice(0, cut));
    expect(await loadSeedFile(db.prisma, 'two.yaml', GOOD.slice(cut))).toMatchObject({ added: 4 });
    await drop();
  });

  it('may be empty, or hold comments only', async () => {
    expect(await loadSeedFile(test.db.prisma, 'empty.yaml', '')).toMatchObject({ added: 0, kept: 0 });
    expect(await loadSeedFile(test.db.prisma, 'empty.yaml', '# nothing yet\n')).toMatchObject({ added: 0 });
  });

  // Each: the fault, the text that it replaces, and the path and reason that are reported with its line.
  it.each([
    [
      'an unknown speaker',
      'speakers: [minister]',
      'speakers: [ministre]',
      'statements[0].speakers[0]',
      'ministre',
    ],
    ['an unknown topic', 'topic: talks, ', 'topic: walks, ', 'statements[0].topics[0].topic', 'walks'],
    ['an unknown parent', 'parent: talks', 'parent: walks', 'topics[1].parent', 'walks'],
    ['an unknown source', 'source: gazette', 'source: herald', 'statements[0].source', 'herald'],
    ['an unknown event', 'events: [meeting]', 'events: [meetings]', 'statements[0].events[0]', 'meetings'],
    [
      'an unknown participant',
      'participants: [ruritania]',
      'participants: [graustark]',
      'events[0].participants[0]',
      'graustark',
    ],
    [
      'an unknown organisation',
      '{ in: ruritania',
      '{ in: graustark',
      'actors[1].affiliations[0].in',
      'graustark',
    ],
    ['a link to nothing', 'to: will-attend', 'to: would-attend', 'statements[1].links[0].to', 'would-attend'],
    ['a link to itself', 'to: will-attend', 'to: wont-attend', 'statements[1].links[0].to', 'itself'],
    ['a slug twice', 'slug: minister', 'slug: ruritania', 'actors[1].slug', 'twice'],
    ['an invalid slug', 'slug: gazette', 'slug: Gazette!', 'sources[0].slug', 'must be a slug'],
    ['a missing slug', '- slug: meeting\n    name', '- name', 'events[0]', 'has no slug'],
    [
      'a stance without a proposition',
      '    proposition: There should be talks.\n',
      '',
      'statements[0].topics[0].stance',
      'no proposition',
    ],
    [
      'a day that no calendar has',
      'said: "2025-03-03"',
      'said: "2025-02-30"',
      'statements[0].said',
      'no day 30',
    ],
    ['an invalid date', 'said: "2025-03-03"', 'said: "March 3"', 'statements[0].said', 'is not a date'],
    ['a date without quotes', 'said: "2025-03-03"', 'said: 2025', 'statements[0].said', 'must be a string'],
    [
      'an interval that ends before it begins',
      'said: "2025-03-03"',
      'said: "2025-03-03/2025-03-01"',
      'statements[0].said',
      'ends before',
    ],
    [
      'a month as the day of publication',
      'publishedOn: "2025-03-05"',
      'publishedOn: "2025-03"',
      'sources[0].publishedOn',
      'is not a day',
    ],
    [
      'an anchor after the end of the source',
      'end: 9',
      'end: 101',
      'statements[0].anchors[0].end',
      'after the end of the source',
    ],
    [
      'an anchor that ends before it starts',
      'start: 0, end: 9',
      'start: 9, end: 8',
      'statements[0].anchors[0].end',
      'after start',
    ],
    [
      'a direct statement without its quote',
      'mode: INDIRECT',
      'mode: DIRECT',
      'statements[0].quote',
      'verbatim words',
    ],
    ['an unknown mode', 'mode: INDIRECT', 'mode: SUNG', 'statements[0].mode', 'DIRECT, INDIRECT, MIXED'],
    ['no speakers', 'speakers: [minister]', 'speakers: []', 'statements[0].speakers', 'at least one'],
    [
      'a speaker twice',
      'speakers: [minister]',
      'speakers: [minister, minister]',
      'statements[0].speakers[1]',
      'twice',
    ],
    [
      'a field that is misspelt',
      'act: PLEDGE',
      'act: PLEDGE\n    tpoics: []',
      'statements[0].tpoics',
      'spelling',
    ],
    ['a list that is misspelt', 'events:\n', 'evnets:\n', 'evnets', 'is not one of'],
    [
      'an affiliation that ends before it begins',
      'to: "2025-01-01"',
      'to: "2019-01-01"',
      'actors[1].affiliations[0].to',
      'before from',
    ],
    [
      'an affiliation with oneself',
      '{ in: ruritania',
      '{ in: minister',
      'actors[1].affiliations[0].in',
      'itself',
    ],
    [
      'a list that is a text',
      'participants: [ruritania]',
      'participants: ruritania',
      'events[0].participants',
      'must be a list',
    ],
    [
      'a NUL in a text',
      'text: The minister will attend.',
      'text: "The minister\\0will attend."',
      'statements[0].text',
      'NUL',
    ],
  ])('is refused whole for %s', async (_, right, wrong, path, reason) => {
    const text = GOOD.replace(right, wrong);
    expect(text).not.toBe(GOOD);
    const [line, ...others] = await refusal(text);
    expect(line).toMatch(/^wrong\.yaml:\d+: /);
    expect(line?.replace(/^wrong\.yaml:\d+: /, '').startsWith(`${path} `)).toBe(true);
    expect(line).toContain(reason);
    // A link that leads nowhere, say, is one fault, not one for everything that hangs on it.
    expect(others.filter((other) => !other.includes('evnets') && !other.includes('meeting'))).toEqual([]);
  });

  it.each([
    ['speakers: [minister]', 'speakers: [ministre]'],
    ['publishedOn: "2025-03-05"', 'publishedOn: "soon"'],
    ['stance: SUPPORTS', 'stance: LIKES'],
  ])('is refused with the line of the fault, where %s becomes %s', async (right, wrong) => {
    const text = GOOD.replace(right, wrong);
    const [line] = await refusal(text);
    expect(line).toMatch(new RegExp(`^wrong\\.yaml:${lineOf(text, wrong)}: `));
  });

  it('is refused with all its faults at once, in the order of their lines', async () => {
    const text = GOOD.replace('kind: STATE', 'kind: REALM')
      .replace('publishedOn: "2025-03-05"', 'publishedOn: "soon"')
      .replace('act: REJECT', 'act: REFUSE')
      .replace('mode: INDIRECT', 'mode: SUNG');
    const lines = await refusal(text);
    const wanted = ['kind: REALM', 'publishedOn: "soon"', 'mode: SUNG', 'act: REFUSE'];
    expect(lines.map((line) => Number(/:(\d+):/.exec(line)?.[1]))).toEqual(
      wanted.map((part) => lineOf(text, part)),
    );
  });

  it('is refused with all faults of what it refers to at once', async () => {
    const text = GOOD.replace('parent: talks', 'parent: walks')
      .replace('participants: [ruritania]', 'participants: [graustark]')
      .replace('mode: INDIRECT', 'mode: DIRECT')
      .replace('to: will-attend', 'to: would-attend');
    const lines = await refusal(text);
    expect(lines.map((line) => line.replace(/^wrong\.yaml:\d+: (\S+) .*$/, '$1'))).toEqual([
      'topics[1].parent',
      'events[0].participants[0]',
      'statements[0].quote',
      'statements[1].links[0].to',
    ]);
  });

  it('is refused whole for a key that another statement has, in the record or in the file', async () => {
    const keyed = (key: string) => GOOD.replace('slug: wont-attend', `slug: wont-attend\n    key: ${key}`);
    const [line] = await refusal(keyed('will-attend'));
    expect(line).toContain('statements[1].key “will-attend” is the key of the statement “will-attend”');
    const { db, drop } = await createTestDatabase({ seeded: false });
    await loadSeedFile(db.prisma, 'good.yaml', GOOD);
    const other = keyed('will-attend')
      .replace('slug: will-attend', 'slug: attends')
      .replace('slug: wont-attend', 'slug: wont');
    await expect(
      loadSeedFile(db.prisma, 'other.yaml', other.replace('to: will-attend', 'to: attends')),
    ).rejects.toThrow('is the key of the statement “will-attend”');
    await drop();
  });

  it('is refused for topics that are one another’s parents', async () => {
    const lines = await refusal(
      GOOD.replace('proposition: There should be talks.', 'proposition: X.\n    parent: rumours'),
    );
    expect(lines.join('\n')).toContain('refers to itself through others');
  });

  it.each([
    ['a tab where spaces belong', 'actors:\n\t- slug: x\n', 2],
    ['a bracket left open', 'actors: [\n', 2],
    ['a key twice', 'actors: []\ntopics: []\nactors: []\n', 3],
    ['an alias to nothing', 'actors: []\ntopics: *nowhere\n', 2],
  ])('is refused for YAML with %s, with the line', async (_, text, line) => {
    expect((await refusal(text))[0]).toMatch(new RegExp(`^wrong\\.yaml:${line}: `));
  });

  it.each([
    '- a\n- b\n',
    'just words\n',
    '42\n',
    'actors: 42\n',
    'actors: { slug: x }\n',
    'actors: [42, null]\n',
  ])('is refused where it has another shape: %j', async (text) => {
    expect(await refusal(text)).not.toEqual([]);
  });
});

describe('a folder of seed files', () => {
  it('is loaded in the order of the names, JSON too, and files with other names are reported', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'readout-seeds-'));
    const { db, drop } = await createTestDatabase({ seeded: false });
    try {
      const cut = GOOD.indexOf('sources:');
      await writeFile(join(dir, 'b.yml'), GOOD.slice(cut));
      await writeFile(join(dir, 'a.yaml'), GOOD.slice(0, cut));
      await writeFile(
        join(dir, 'c.json'),
        JSON.stringify({ actors: [{ slug: 'graustark', name: 'Graustark', kind: 'STATE' }] }),
      );
      for (const other of ['d.txt', 'README.md', 'seed.schema.json', '.hidden.yaml'])
        await writeFile(join(dir, other), 'not a seed');
      const notices: string[] = [];
      const results = await loadSeeds(db.prisma, dir, (message) => void notices.push(message));
      expect(results.map(({ added }) => added)).toEqual([4, 4, 1]);
      expect(results.map(({ file }) => file.replace(/^.*\//, ''))).toEqual(['a.yaml', 'b.yml', 'c.json']);
      expect(notices).toEqual([expect.stringMatching(/d\.txt is not loaded: .*\.yaml, \.yml or \.json/)]);
    } finally {
      await drop();
      await rm(dir, { recursive: true });
    }
  });
});
