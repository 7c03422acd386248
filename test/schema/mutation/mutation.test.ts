import { describe, expect, it } from 'vitest';
import { INPUT_MAX } from '../../../src/domain/input/field.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { recordSql, type ShownError } from '../../support/graphql.ts';
import { bearer, startTestService, type TestService } from '../../support/service.ts';
import { type TestRecorder, useService } from '../../support/useService.ts';
import { makeWorld, statementInput } from '../../support/world.ts';

let test: TestDatabase;
let service: TestService;
let recorder: TestRecorder;

useService('world', (used) => {
  ({ test, service, recorder } = used);
});

const RECORD = `mutation ($input: RecordStatementInput!) {
  recordStatement(input: $input) { created position cursor statement { id slug text position addedAt: recordedAt } }
}`;
const RECORD_MANY = `mutation ($input: [RecordStatementInput!]!) {
  recordStatements(input: $input) { created position statements { slug } }
}`;
const SAVE_TOPICS = `mutation ($input: [SaveTopicInput!]!) {
  saveTopics(input: $input) { position }
}`;
const REVISE = `mutation ($input: ReviseStatementInput!) {
  reviseStatement(input: $input) { position statement {
    slug text quote position said { edtf } speakers { slug } revisions { text by position }
  } }
}`;
const RETRACT = `mutation ($input: RetractStatementInput!) {
  retractStatement(input: $input) { position statement { slug status text retraction { reason by at } } }
}`;
const LINK = `mutation ($input: LinkStatementsInput!) {
  linkStatements(input: $input) { position statement { slug links { kind statement { slug } } } }
}`;

interface Written {
  position: string;
  created?: boolean;
  cursor?: string;
  statement: {
    id: string;
    slug: string;
    text: string;
    position: string;
    status: string;
    quote: string | null;
    said: { edtf: string };
    speakers: { slug: string }[];
    revisions: { text: string; by: string; position: string }[];
    retraction: { reason: string; by: string };
    links: { kind: string; statement: { slug: string } }[];
  };
}

async function run(query: string, input: unknown): Promise<Written> {
  return Object.values(await recorder.data<Record<string, Written>>(query, { input }))[0] as Written;
}

/** The error of a mutation that must be refused, and proof that it has written nothing. */
async function refusal(query: string, input: unknown): Promise<ShownError> {
  const before = await counts();
  const { data, errors } = await recorder.answer<Record<string, unknown>>(query, { input });
  expect(Object.values(data ?? { none: null })).toEqual([null]);
  expect(errors).toHaveLength(1);
  expect(await counts()).toEqual(before);
  return errors?.[0] as ShownError;
}

const TABLES = [
  'statement',
  'statement_speaker',
  'statement_topic',
  'anchor',
  'revision',
  'change',
  'statement_link',
  'actor',
  'topic',
  'source',
  'event',
];

async function counts(): Promise<unknown> {
  const columns = TABLES.map((table) => `(SELECT count(*) FROM ${table}) AS ${table}`).join(', ');
  const { rows } = await test.db.pool.query(`SELECT position, ${columns} FROM head`);
  return rows[0];
}

let serial = 0;
const fresh = (fields: Record<string, unknown> = {}) => {
  serial += 1;
  return statementInput({ text: `Statement number ${serial} of this test.`, ...fields });
};

describe('recordStatement', () => {
  it('records with everything that belongs to it, and says who did', async () => {
    const { created, position, statement } = await run(RECORD, fresh({ slug: 'first-one' }));
    expect({ created, slug: statement.slug, position: statement.position }).toEqual({
      created: true,
      slug: 'first-one',
      position,
    });
    const { rows } = await test.db.pool.query('SELECT by, kind FROM change WHERE position = $1', [position]);
    expect(rows).toEqual([{ by: 'Rita', kind: 'STATEMENT_ADDED' }]);
  });

  it('finds the first statement when the same key brings the same content again', async () => {
    const input = fresh({ key: 'key-1', topics: [] });
    const first = await run(RECORD, input);
    const { topics: _none, ...same } = input;
    const again = await run(RECORD, { ...same, addressees: null });
    expect(again).toMatchObject({ created: false, position: first.position });
    expect(again.statement.slug).toBe(first.statement.slug);
  });

  it('refuses other content under the same key, and names the statement', async () => {
    const input = fresh({ key: 'key-2' });
    const { statement } = await run(RECORD, input);
    const error = await refusal(RECORD, { ...input, act: 'DENY' });
    expect(error.extensions).toMatchObject({
      code: 'CONFLICT',
      inputPath: ['input', 'key'],
      faults: [{ slug: statement.slug }],
    });
  });

  it('takes the slug for the key where only a slug is given', async () => {
    const input = fresh({ slug: 'by-slug' });
    await run(RECORD, input);
    expect((await run(RECORD, input)).created).toBe(false);
    const error = await refusal(RECORD, { ...input, act: 'DENY' });
    expect(error.extensions).toMatchObject({ code: 'CONFLICT', inputPath: ['input', 'slug'] });
  });

  it('makes one statement of two that bring the same key in the same instant', async () => {
    const input = fresh({ key: 'at-once' });
    const both = await Promise.all(Array.from({ length: 8 }, () => run(RECORD, input)));
    expect(both.filter(({ created }) => created)).toHaveLength(1);
    expect(new Set(both.map(({ statement }) => statement.id)).size).toBe(1);
  });

  it('makes different slugs of the same text, however many record it at once', async () => {
    const text = 'The same sentence said by many.';
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, i) => run(RECORD, statementInput({ text, key: `same-${i}` }))),
    );
    const slugs = all.map(({ statement }) => statement.slug);
    expect(new Set(slugs).size).toBe(8);
    expect(slugs.every((slug) => slug.startsWith('the-same-sentence-said-by-many'))).toBe(true);
  });

  it('refuses a slug that is taken by a statement with another key', async () => {
    await run(RECORD, fresh({ slug: 'taken', key: 'owner' }));
    const error = await refusal(RECORD, fresh({ slug: 'taken', key: 'other' }));
    expect(error.extensions).toMatchObject({ code: 'CONFLICT', inputPath: ['input', 'slug'] });
  });

  it.each([
    ['a speaker that the record does not have', { speakers: ['anna', 'nobody'] }, ['speakers', 1]],
    ['a topic that the record does not have', { topics: [{ topic: 'nothing' }] }, ['topics', 0, 'topic']],
    [
      'a stance where the topic has no proposition',
      { topics: [{ topic: 'trade', stance: 'SUPPORTS' }] },
      ['topics', 0, 'stance'],
    ],
    ['direct speech without the words', { mode: 'DIRECT' }, ['quote']],
    ['no speaker', { speakers: [] }, ['speakers']],
    ['a speaker twice', { speakers: ['anna', 'anna'] }, ['speakers', 1]],
    ['an invalid date', { said: 'yesterday' }, ['said']],
    [
      'an anchor that ends before it begins',
      { anchors: [{ start: 5, end: 5, digest: '0'.repeat(64) }] },
      ['anchors', 0, 'end'],
    ],
    [
      'an anchor whose digest is not that of its words',
      { anchors: [{ start: 0, end: 3, digest: '0'.repeat(64), exact: 'war' }] },
      ['anchors', 0, 'digest'],
    ],
    ['a link to what is not there', { links: [{ to: 'not-there', kind: 'ECHOES' }] }, ['links', 0, 'to']],
  ])('refuses %s and names the place', async (_, fields, path) => {
    const error = await refusal(RECORD, fresh(fields));
    expect(error.extensions).toMatchObject({ code: 'INVALID_INPUT', inputPath: ['input', ...path] });
  });
});

describe('recordStatements', () => {
  it('reads what it has written only where the client selects it, and then all of it at once', async () => {
    const readsOf = async (selection: string): Promise<number> => {
      const texts = recordSql(service.db);
      await run(
        `mutation ($input: [RecordStatementInput!]!) { recordStatements(input: $input) { ${selection} } }`,
        [fresh(), fresh()],
      );
      return texts.filter((text) => text.includes('FROM statement s WHERE s.id = ANY')).length;
    };
    expect(await readsOf('position created')).toBe(0);
    expect(await readsOf('statements { slug text }')).toBe(1);
  });

  it('records a list in its order, and lets an item link to an earlier one', async () => {
    const input = [
      fresh({ slug: 'earlier-item' }),
      fresh({ slug: 'later-item', links: [{ to: 'earlier-item', kind: 'DISPUTES' }] }),
    ];
    const { data } = await recorder.answer<{
      recordStatements: { created: number; statements: { slug: string }[] };
    }>(RECORD_MANY, { input });
    expect(data?.recordStatements).toMatchObject({
      created: 2,
      statements: [{ slug: 'earlier-item' }, { slug: 'later-item' }],
    });
  });

  it('records all or none of five hundred, and names every faulty item by index and path', async () => {
    const input = Array.from({ length: INPUT_MAX.statements }, (_, i) => {
      if (i === 7) return fresh({ speakers: ['nobody'] });
      if (i === 300) return fresh({ text: ' ', topics: [{ topic: 'nothing' }] });
      if (i === 499) return fresh({ mode: 'DIRECT', said: 'never' });
      return fresh();
    });
    const error = await refusal(RECORD_MANY, input);
    expect(error.extensions?.code).toBe('INVALID_INPUT');
    const faults = error.extensions?.faults as { path: unknown }[];
    expect(faults.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        ['input', 7, 'speakers', 0],
        ['input', 300, 'text'],
        ['input', 499, 'said'],
      ]),
    );
    for (const i of [7, 300, 499]) expect(error.message).toContain(`input[${i}]`);

    const right = input.map((item, i) => ([7, 300, 499].includes(i) ? fresh() : item));
    const { data } = await recorder.answer<{ recordStatements: { created: number } }>(RECORD_MANY, {
      input: right,
    });
    expect(data?.recordStatements.created).toBe(500);
  });

  it('names every conflict of a list', async () => {
    await run(RECORD, fresh({ key: 'used-1' }));
    await run(RECORD, fresh({ slug: 'used-2', key: 'k' }));
    const input = [fresh({ key: 'used-1' }), fresh(), fresh({ slug: 'used-2' })];
    const error = await refusal(RECORD_MANY, input);
    expect(error.extensions?.code).toBe('CONFLICT');
    const faults = error.extensions?.faults as { path: unknown }[];
    expect(faults.map(({ path }) => path)).toEqual([
      ['input', 0, 'key'],
      ['input', 2, 'slug'],
    ]);
  });

  it('refuses more than it takes', async () => {
    const error = await refusal(
      RECORD_MANY,
      Array.from({ length: 501 }, () => fresh()),
    );
    expect(error.extensions).toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });

  it('takes an empty list', async () => {
    const { data } = await recorder.answer<{ recordStatements: { created: number } }>(RECORD_MANY, {
      input: [],
    });
    expect(data?.recordStatements.created).toBe(0);
  });
});

describe('reviseStatement', () => {
  it('keeps what it said before, changes only what is given, and empties by null', async () => {
    const { statement } = await run(
      RECORD,
      fresh({ slug: 'revised', quote: 'War and peace', text: 'Before.' }),
    );
    const first = await run(REVISE, {
      id: statement.id,
      text: 'After.',
      said: '2025-06',
      speakers: ['boris'],
    });
    expect(first.statement).toMatchObject({
      slug: 'revised',
      text: 'After.',
      quote: 'War and peace',
      said: { edtf: '2025-06' },
      speakers: [{ slug: 'boris' }],
      position: first.position,
      revisions: [{ text: 'Before.', by: 'Rita', position: first.position }],
    });
    const second = await run(REVISE, { id: 'revised', quote: null });
    expect(second.statement).toMatchObject({ text: 'After.', quote: null });
    expect(second.statement.revisions.map(({ text }) => text)).toEqual(['After.', 'Before.']);
  });

  it('writes nothing where nothing differs', async () => {
    const { statement } = await run(RECORD, fresh());
    const before = await counts();
    await run(REVISE, { id: statement.id, text: statement.text });
    expect(await counts()).toEqual(before);
  });

  it('refuses a revision of what has changed since it was read, and says where it is now', async () => {
    const { statement } = await run(RECORD, fresh());
    const { position } = await run(REVISE, { id: statement.id, act: 'WARN', ifPosition: statement.position });
    const error = await refusal(REVISE, { id: statement.id, act: 'DENY', ifPosition: statement.position });
    expect(error.extensions).toMatchObject({
      code: 'CONFLICT',
      position,
      inputPath: ['input', 'ifPosition'],
    });
  });

  it('lets one of two win that revise the same reading at once', async () => {
    const { statement } = await run(RECORD, fresh());
    const attempts = ['WARN', 'DENY', 'PLEDGE', 'AGREE'].map((act) =>
      run(REVISE, { id: statement.id, act, ifPosition: statement.position }).then(
        () => 'won',
        () => 'lost',
      ),
    );
    expect((await Promise.all(attempts)).sort()).toEqual(['lost', 'lost', 'lost', 'won']);
  });

  it('checks what comes out of it as if it were recorded', async () => {
    const { statement } = await run(RECORD, fresh({ mode: 'DIRECT', quote: 'Peace' }));
    const error = await refusal(REVISE, { id: statement.id, quote: null });
    expect(error.extensions).toMatchObject({ code: 'INVALID_INPUT', inputPath: ['input', 'quote'] });
    const missing = await refusal(REVISE, { id: 'no-such-statement', text: 'X' });
    expect(missing.extensions).toMatchObject({ code: 'NOT_FOUND', inputPath: ['input', 'id'] });
  });
});

describe('retractStatement', () => {
  it('keeps the statement with the reason, and takes it out of lists', async () => {
    const { statement } = await run(RECORD, fresh({ slug: 'retracted' }));
    const retracted = await run(RETRACT, { id: statement.id, reason: ' The source was forged. ' });
    expect(retracted.statement).toMatchObject({
      status: 'RETRACTED',
      text: statement.text,
      retraction: { reason: 'The source was forged.', by: 'Rita' },
    });
    const found = async (includeRetracted: boolean) => {
      const { data } = await service.ask<{ statements: { nodes: { slug: string }[] } }>(
        `query ($filter: StatementFilter) { statements(filter: $filter, orderBy: RECORDED_DESC, first: 5) { nodes { slug } } }`,
        { filter: { includeRetracted, search: `"number ${serial} of"` } },
      );
      return data?.statements.nodes.map(({ slug }) => slug);
    };
    expect([await found(false), await found(true)]).toEqual([[], ['retracted']]);
  });

  it('refuses to go without a reason, twice, or into a revision or a link', async () => {
    const { statement } = await run(RECORD, fresh());
    const { statement: other } = await run(RECORD, fresh());
    const unfounded = await refusal(RETRACT, { id: statement.id, reason: '  ' });
    expect(unfounded.extensions).toMatchObject({ code: 'INVALID_INPUT', inputPath: ['input', 'reason'] });
    await run(RETRACT, { id: statement.id, reason: 'Wrong.' });
    expect((await refusal(RETRACT, { id: statement.id, reason: 'Again.' })).extensions?.code).toBe(
      'CONFLICT',
    );
    expect((await refusal(REVISE, { id: statement.id, text: 'New.' })).extensions?.code).toBe('CONFLICT');
    const link = { from: statement.id, to: other.id, kind: 'ECHOES' };
    expect((await refusal(LINK, link)).extensions?.code).toBe('CONFLICT');
  });
});

describe('linkStatements', () => {
  it('links, as a revision of the later one, and does nothing where the link is there', async () => {
    const [from, to] = [await run(RECORD, fresh()), await run(RECORD, fresh())].map((w) => w.statement);
    const input = { from: from?.id, to: to?.slug, kind: 'DISPUTES' };
    const linked = await run(LINK, input);
    expect(linked.statement.links).toEqual([{ kind: 'DISPUTES', statement: { slug: to?.slug } }]);
    const before = await counts();
    await run(LINK, input);
    expect(await counts()).toEqual(before);
    const error = await refusal(LINK, { from: from?.id, to: from?.id, kind: 'ECHOES' });
    expect(error.extensions).toMatchObject({ code: 'INVALID_INPUT', inputPath: ['input', 'to'] });
  });

  it('lets two statements be linked to one another and revised at once without a deadlock', async () => {
    const own = await createTestDatabase({ seeded: false });
    await makeWorld(own.db.prisma);
    const other = await startTestService(own.url);
    const headers = await bearer(own.db, 'recorder', 'Rita');
    const send = async (query: string, input: object) => {
      const { data, errors } = await other.ask<Record<string, Written>>(query, { input }, headers);
      expect(errors).toBeUndefined();
      return (Object.values(data ?? {})[0] as Written).statement;
    };
    const pairs = await Promise.all(
      Array.from(
        { length: 8 },
        async () => [await send(RECORD, fresh()), await send(RECORD, fresh())] as const,
      ),
    );
    await Promise.all(
      pairs.flatMap(([a, b]) => [
        send(LINK, { from: a.id, to: b.id, kind: 'ECHOES' }),
        send(LINK, { from: b.id, to: a.id, kind: 'DISPUTES' }),
        send(REVISE, { id: a.id, act: 'WARN' }),
        send(REVISE, { id: b.id, act: 'WARN', said: '2025' }),
      ]),
    );
    await other.stop();
    expect(await own.countDeadlocks()).toBe(0);
    await own.drop();
  });
});

describe('saving actors, topics, sources and events', () => {
  const SAVES: [string, string, Record<string, unknown>, Record<string, unknown>][] = [
    [
      'saveActor',
      'SaveActorInput',
      { slug: 'x', name: 'X', kind: 'STATE', aliases: [{ name: 'Ex' }] },
      { name: 'Y' },
    ],
    ['saveTopic', 'SaveTopicInput', { slug: 'x', name: 'X', parent: 'peace' }, { parent: null }],
    [
      'saveSource',
      'SaveSourceInput',
      { slug: 'x', title: 'X', text: 'The text.' },
      { url: 'https://example.org/' },
    ],
    [
      'saveEvent',
      'SaveEventInput',
      { slug: 'x', name: 'X', kind: 'CALL', date: '2025', participants: ['anna'] },
      { participants: [] },
    ],
  ];

  it.each(SAVES)(
    '%s creates, changes, and writes nothing where nothing differs',
    async (field, type, input, change) => {
      const noun = field.slice(4).toLowerCase();
      const query = `mutation ($input: ${type}!) { ${field}(input: $input) { position ${noun} { slug } } }`;
      const save = async (given: unknown) => {
        const data = await recorder.data<Record<string, { position: string }>>(query, { input: given });
        return Number(data[field]?.position);
      };
      const created = await save(input);
      const before = await counts();
      await save(input);
      expect(await counts()).toEqual(before);
      expect(await save({ ...input, ...change })).toBe(created + 1);
      const { rows } = await test.db.pool.query('SELECT kind FROM change WHERE position >= $1 ORDER BY 1', [
        created,
      ]);
      expect(rows.map(({ kind }) => kind)).toEqual([
        `${noun.toUpperCase()}_ADDED`,
        `${noun.toUpperCase()}_REVISED`,
      ]);
    },
  );

  it.each(SAVES)('%s takes two first savings of one slug at once', async (field, type, input) => {
    const query = `mutation ($input: ${type}!) { ${field}(input: $input) { position } }`;
    const answers = await Promise.all(
      [1, 2, 3, 4].map(() =>
        recorder.answer(query, { input: { ...input, slug: `${field.toLowerCase()}-at-once` } }),
      ),
    );
    expect(answers.flatMap(({ errors }) => errors ?? [])).toEqual([]);
  });

  it('refuses a topic that would be its own ancestor', async () => {
    const query = 'mutation ($input: SaveTopicInput!) { saveTopic(input: $input) { position } }';
    const error = await refusal(query, {
      slug: 'peace',
      name: 'peace',
      proposition: 'P.',
      parent: 'prisoners',
    });
    expect(error.extensions).toMatchObject({ code: 'INVALID_INPUT', inputPath: ['input', 'parent'] });
  });
});

describe('saveTopic', () => {
  const SAVE = 'mutation ($input: SaveTopicInput!) { saveTopic(input: $input) { position } }';

  it('refuses one of the moves that would close a cycle together, and names the parent', async () => {
    for (let round = 0; round < 8; round += 1) {
      const slugs = [0, 1, 2].map((i) => `cycle-${round}-${i}`);
      for (const slug of slugs) await run(SAVE, { slug, name: slug });
      const moves = slugs.map((slug, i) => ({ slug, name: slug, parent: slugs[(i + 1) % 3] }));
      const answers = await Promise.all(moves.map((input) => recorder.answer(SAVE, { input })));
      const errors = answers.flatMap((answer) => answer.errors ?? []);
      expect(errors.map(({ extensions }) => [extensions?.code, extensions?.inputPath])).toEqual([
        ['INVALID_INPUT', ['input', 'parent']],
      ]);
    }
  });
});

describe('saveSource', () => {
  const SAVE = 'mutation ($input: SaveSourceInput!) { saveSource(input: $input) { position } }';
  const ask = async (input: unknown) => {
    const { errors } = await recorder.answer(SAVE, { input });
    return errors?.[0]?.extensions;
  };
  const anchor = (end: number) => ({ start: end - 2, end, digest: '0'.repeat(64) });

  it('refuses a shorter text that ends before anchors do, and says how many', async () => {
    const source = (fields: Record<string, unknown>) => ({
      slug: 'shrinking',
      title: 'Shrinking',
      ...fields,
    });
    expect(await ask(source({ length: 100 }))).toBeUndefined();
    const first = fresh({
      slug: 'on-shrinking',
      source: 'shrinking',
      anchors: [anchor(90), anchor(95), anchor(10)],
    });
    await run(RECORD, first);
    const { statement: second } = await run(RECORD, fresh({ source: 'shrinking', anchors: [anchor(99)] }));
    const refused = { code: 'CONFLICT', anchors: 3, statements: 2 };
    expect(await ask(source({ length: 80 }))).toMatchObject({ ...refused, inputPath: ['input', 'length'] });
    expect(await ask(source({ text: 'Short.' }))).toMatchObject({
      code: 'CONFLICT',
      inputPath: ['input', 'text'],
    });
    expect(await ask(source({ length: 99 }))).toBeUndefined();

    await run(RETRACT, { id: second.id, reason: 'It was another edition.' });
    await run(REVISE, { id: 'on-shrinking', anchors: [anchor(10)] });
    expect(await ask(source({ length: 80 }))).toBeUndefined();
  });

  it('that has become shorter than an anchor does not stop a revision that leaves the anchors', async () => {
    expect(await ask({ slug: 'short', title: 'Short', length: 50 })).toBeUndefined();
    const { statement } = await run(RECORD, fresh({ source: 'short', anchors: [anchor(40)] }));
    await test.db.pool.query(`UPDATE source SET length = 30 WHERE slug = 'short'`);
    const revised = await run(REVISE, { id: statement.id, text: 'In other words.' });
    expect(revised.statement.text).toBe('In other words.');
    const error = await refusal(REVISE, { id: statement.id, anchors: [anchor(40), anchor(10)] });
    expect(error.extensions?.inputPath).toEqual(['input', 'anchors', 0, 'end']);
  });
});

describe('limits of texts and lists', () => {
  const characters = (n: number) => 'x'.repeat(n);
  const slugList = (n: number) => Array.from({ length: n }, (_, i) => `slug-${i}`);
  const statement = (fields: Record<string, unknown>) => [RECORD, fresh(fields)] as const;
  const saved = (field: string, type: string, input: Record<string, unknown>) =>
    [`mutation ($input: ${type}!) { ${field}(input: $input) { position } }`, input] as const;
  const actor = (fields: Record<string, unknown>) =>
    saved('saveActor', 'SaveActorInput', { name: 'N', kind: 'STATE', ...fields });
  const topic = (fields: Record<string, unknown>) =>
    saved('saveTopic', 'SaveTopicInput', { name: 'N', ...fields });
  const source = (fields: Record<string, unknown>) =>
    saved('saveSource', 'SaveSourceInput', { title: 'T', ...fields });
  const event = (fields: Record<string, unknown>) =>
    saved('saveEvent', 'SaveEventInput', { name: 'N', kind: 'CALL', date: '2025', ...fields });

  const collection = (fields: Record<string, unknown>) =>
    saved('saveCollection', 'SaveCollectionInput', { title: 'T', ...fields });

  /** For every limit, an input that is one beyond it. */
  const BEYOND: Record<keyof typeof INPUT_MAX, (n: number) => readonly [string, unknown]> = {
    slug: (n) => statement({ slug: characters(n) }),
    name: (n) => actor({ name: characters(n) }),
    title: (n) => source({ title: characters(n) }),
    role: (n) => actor({ affiliations: [{ in: 'anna', role: characters(n) }] }),
    text: (n) => statement({ text: characters(n) }),
    quote: (n) => statement({ quote: characters(n) }),
    coder: (n) => statement({ coder: characters(n) }),
    mention: (n) => statement({ mentions: [{ as: characters(n) }] }),
    context: (n) => statement({ anchors: [{ page: '1', prefix: characters(n) }] }),
    locator: (n) => statement({ anchors: [{ page: characters(n) }] }),
    description: (n) => event({ description: characters(n) }),
    proposition: (n) => topic({ proposition: characters(n) }),
    url: (n) => source({ url: `https://example.org/${characters(n - 20)}` }),
    key: (n) => statement({ key: characters(n) }),
    reason: (n) => [RETRACT, { id: 'first-one', reason: characters(n) }],
    sourceText: (n) => source({ text: characters(n) }),
    speakers: (n) => statement({ speakers: slugList(n) }),
    mentions: (n) => statement({ mentions: slugList(n).map((as) => ({ as })) }),
    addressees: (n) => statement({ addressees: slugList(n) }),
    attribution: (n) =>
      statement({ attribution: slugList(n).map((slug) => ({ actor: slug, form: 'REPORT' })) }),
    onBehalfOf: (n) => statement({ onBehalfOf: slugList(n) }),
    topics: (n) => statement({ topics: slugList(n).map((slug) => ({ topic: slug })) }),
    events: (n) => statement({ events: slugList(n) }),
    anchors: (n) =>
      statement({ anchors: slugList(n).map((_, i) => ({ start: i, end: i + 1, digest: '0'.repeat(64) })) }),
    links: (n) => statement({ links: slugList(n).map((slug) => ({ to: slug, kind: 'ECHOES' })) }),
    aliases: (n) => actor({ aliases: slugList(n).map((slug) => ({ name: slug })) }),
    identifiers: (n) => actor({ identifiers: slugList(n).map((value) => ({ scheme: 'test', value })) }),
    scheme: (n) => actor({ identifiers: [{ scheme: characters(n), value: '1' }] }),
    identifier: (n) => actor({ identifiers: [{ scheme: 'test', value: characters(n) }] }),
    affiliations: (n) => actor({ affiliations: slugList(n).map((slug) => ({ in: slug, role: 'R' })) }),
    participants: (n) => event({ participants: slugList(n) }),
    version: (n) => collection({ version: characters(n) }),
    licence: (n) => collection({ licence: characters(n) }),
    files: (n) =>
      collection({ files: slugList(n).map((name) => ({ name, digest: '0'.repeat(64), length: 1 })) }),
    statements: (n) => [RECORD_MANY, Array.from({ length: n }, () => fresh())],
    splitStatements: (n) => [
      'mutation ($input: SplitActorInput!) { splitActor(input: $input) { position } }',
      { actor: 'anna', into: { slug: 'bob' }, statements: slugList(n), reason: 'R' },
    ],
    entries: (n) => [SAVE_TOPICS, slugList(n).map((slug) => ({ slug, name: slug }))],
  };

  it.each(Object.entries(INPUT_MAX))('%s: at most %i', async (name, max) => {
    const [query, input] = BEYOND[name as keyof typeof INPUT_MAX](max + 1);
    const error = await refusal(query, input);
    expect(error.extensions?.code).toMatch(/^(INVALID_INPUT|LIMIT_EXCEEDED)$/);
    expect(error.message.replaceAll(/\D/g, ' ').split(' ')).toContain(String(max));
  });

  it('count code points: a character outside the basic plane is one', async () => {
    const quote = '🕊'.repeat(INPUT_MAX.quote);
    const { statement } = await run(REVISE, { id: (await run(RECORD, fresh())).statement.slug, quote });
    expect(statement.quote).toBe(quote);
    const error = await refusal(RECORD, fresh({ quote: `${quote}🕊` }));
    expect(error.message).toContain(`quote must be at most ${INPUT_MAX.quote} characters`);
  });

  it('let an event have as many participants as they say', async () => {
    const slugs = slugList(INPUT_MAX.participants);
    await test.db.pool.query(
      `INSERT INTO actor (slug, name, kind) SELECT slug, slug, 'STATE' FROM unnest($1::text[]) AS given (slug)`,
      [slugs],
    );
    const [mutation, input] = event({ slug: 'debate', participants: slugs });
    await run(mutation, input);
    const { data } = await service.ask<{
      event: { participantCount: number; participants: { slug: string }[] };
    }>('{ event(slug: "debate") { participantCount participants(first: 100, offset: 900) { slug } } }');
    expect(data?.event.participantCount).toBe(INPUT_MAX.participants);
    expect(data?.event.participants.map(({ slug }) => slug)).toEqual(slugs.slice(900));
  });

  it('are stated in the schema', async () => {
    const sdl = await (await fetch(`${service.origin}/schema.graphql`)).text();
    for (const max of new Set(Object.values(INPUT_MAX))) expect(sdl).toMatch(new RegExp(`\\b${max}\\b`));
  });
});
