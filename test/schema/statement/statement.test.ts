import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { retractStatement } from '../../../src/domain/statement/retract.ts';
import { useSeededRecord } from '../../support/seeded.ts';

const record = useSeededRecord();

describe('asking the article', () => {
  it('who said on whose account that Iran’s right to nuclear energy should be respected', async () => {
    const { statement } = await record.ask<{ statement: unknown }>(`{
      statement(slug: "leaders-agree-iran-right-to-peaceful-energy") {
        act mode quote said { edtf earliest latest }
        speakers { name } attribution { actor { name } form } givers { name } events { slug } source { slug }
        topics { topic { proposition } stance }
      }
    }`);
    expect(statement).toEqual({
      act: 'AGREE',
      mode: 'INDIRECT',
      quote: null,
      said: { edtf: '2025-07-01', earliest: '2025-07-01', latest: '2025-07-01' },
      speakers: [{ name: 'Vladimir Putin' }, { name: 'Emmanuel Macron' }],
      attribution: [{ actor: { name: 'Kremlin' }, form: 'READOUT' }],
      givers: [{ name: 'Kremlin' }],
      events: [{ slug: 'call-2025-07-01' }],
      source: { slug: 'macron-putin-call-article' },
      topics: [
        {
          topic: {
            proposition: "Iran's right to use nuclear energy for peaceful purposes should be respected.",
          },
          stance: 'SUPPORTS',
        },
      ],
    });
  });

  it('what is quoted word for word', async () => {
    const { statements } = await record.ask<{
      statements: {
        nodes: { quote: string; speakers: object[]; anchors: { exact: string; digest: string }[] }[];
      };
    }>(
      `{ statements(filter: { modes: [DIRECT, MIXED] }) { nodes { quote speakers { name } anchors { exact digest } } } }`,
    );
    expect(statements.nodes).toHaveLength(1);
    const [quoted] = statements.nodes;
    expect(quoted?.speakers).toEqual([{ name: 'Emmanuel Macron' }]);
    expect(quoted?.quote).toMatch(/^I reached out to him/);
    const [anchor] = quoted?.anchors ?? [];
    expect(anchor?.exact).toBe(quoted?.quote);
    expect(anchor?.digest).toBe(
      createHash('sha256')
        .update(anchor?.exact ?? '')
        .digest('hex'),
    );
  });

  it.each([
    ['what Moscow and Paris pledged', { acts: ['PLEDGE'] }, ['russia-and-france-pledge-diplomacy']],
    [
      'of what Tehran accuses the agency',
      { speakers: ['iran'], acts: ['ACCUSE'], addressees: ['international-atomic-energy-agency'] },
      [
        'iran-iaea-passed-scientists-identities',
        'iran-iaea-assisted-adversaries',
        'iran-iaea-did-not-condemn-strikes',
      ],
    ],
    [
      'what the Kremlin passed on',
      { attributedTo: ['kremlin'] },
      [
        'russia-and-france-pledge-diplomacy',
        'leaders-agree-iran-npt-compliance',
        'leaders-agree-iran-right-to-peaceful-energy',
      ],
    ],
    ['what the Kremlin says itself', { speakers: ['kremlin'] }, ['kremlin-western-neglect-is-root-cause']],
    [
      'what Putin asks for',
      { speakers: ['vladimir-putin'], acts: ['REQUEST'] },
      ['putin-settlement-must-reflect-territory', 'putin-settlement-must-address-root-causes'],
    ],
    [
      'what Macron concedes',
      { speakers: ['emmanuel-macron'], acts: ['CONCEDE'] },
      ['macron-sharp-differences-on-ukraine'],
    ],
    [
      'what Macron proposes, and to whom',
      { speakers: ['emmanuel-macron'], addressees: ['european-union'] },
      ['macron-eu-security-talks-with-russia'],
    ],
    [
      'who speaks against working with the agency',
      { positions: [{ topic: 'iaea-oversight-of-iran', stance: 'OPPOSES' }] },
      ['iran-stops-cooperation-with-iaea'],
    ],
    ['what was said before 2025', { saidTo: '2024-12-31' }, ['macron-backed-deploying-troops']],
    [
      'what was surely said on the day of the call or later, on Iran',
      {
        saidFrom: '2025-07-01',
        topics: ['iran-diplomacy', 'iran-nuclear-programme'],
        not: { saidTo: '2025-06-30' },
      },
      [
        'macron-reached-out-about-iran',
        'macron-call-focused-on-non-proliferation',
        'russia-and-france-pledge-diplomacy',
        'leaders-agree-iran-npt-compliance',
        'leaders-agree-iran-right-to-peaceful-energy',
      ],
    ],
    [
      'what both leaders said together',
      { speakers: ['emmanuel-macron'], any: [{ speakers: ['vladimir-putin'] }] },
      ['leaders-agree-iran-npt-compliance', 'leaders-agree-iran-right-to-peaceful-energy'],
    ],
    [
      'what Macron says on Ukraine by itself, below no narrower topic',
      { speakers: ['emmanuel-macron'], topics: ['ukraine-war'], includeSubtopics: false },
      ['macron-sharp-differences-on-ukraine', 'macron-no-movement-on-ukraine'],
    ],
    [
      'who speaks of scientists',
      { search: 'scientists assassinated' },
      ['iran-iaea-passed-scientists-identities'],
    ],
    ['what is said of sanctions', { search: 'sanction' }, ['macron-sanctions-vital']],
    ['who speaks of root causes', { search: '"root causes"' }, ['putin-settlement-must-address-root-causes']],
    [
      'what BFMTV showed that was not on non-proliferation',
      { attributedTo: ['bfmtv'], not: { topics: ['nuclear-non-proliferation'] } },
      ['macron-call-prompted-by-escalation', 'macron-first-call-in-three-years'],
    ],
  ])('%s', async (_, filter, expected) => {
    expect(await record.statements(filter)).toEqual(expected);
  });

  it.each([
    [
      'whom Macron’s words on Ukraine echo',
      'macron-no-movement-on-ukraine',
      'ECHOES',
      'trump-no-breakthrough',
      'Donald Trump',
    ],
    [
      'what the Kremlin’s view disputes',
      'kremlin-western-neglect-is-root-cause',
      'DISPUTES',
      'macron-ceasefire-needed',
      'Emmanuel Macron',
    ],
    [
      'what Macron shifted from',
      'macron-eu-security-talks-with-russia',
      'SHIFTS_FROM',
      'macron-backed-deploying-troops',
      'Emmanuel Macron',
    ],
  ])('%s, from both ends', async (_, slug, kind, other, speaker) => {
    type Linked = Record<'from' | 'to', { links: unknown[]; linkedFrom: unknown[] }>;
    const { from, to } = await record.ask<Linked>(
      `query ($from: String!, $to: String!) {
        from: statement(slug: $from) { links { kind statement { slug speakers { name } } } linkedFrom { kind } }
        to: statement(slug: $to) { links { kind } linkedFrom { kind statement { slug } } }
      }`,
      { from: slug, to: other },
    );
    expect(from.links).toEqual([{ kind, statement: { slug: other, speakers: [{ name: speaker }] } }]);
    expect(to.linkedFrom).toEqual([{ kind, statement: { slug } }]);
  });

  it('when Macron backed sending troops, as precisely as is known', async () => {
    const { statement } = await record.ask<{ statement: unknown }>(
      '{ statement(slug: "macron-backed-deploying-troops") { said { edtf earliest latest } } }',
    );
    expect(statement).toEqual({ said: { edtf: '2024~', earliest: '2024-01-01', latest: '2024-12-31' } });
  });

  it('where each statement is written', async () => {
    const { source } = await record.ask<{
      source: {
        length: number;
        statements: {
          totalCount: number;
          nodes: { slug: string; anchors: { start: number; end: number; digest: string }[] }[];
        };
      };
    }>(`{ source(slug: "macron-putin-call-article") {
      length statements(first: 100) { totalCount nodes { slug anchors { start end digest } } }
    } }`);
    expect(source.statements.totalCount).toBe(25);
    for (const { slug, anchors } of source.statements.nodes) {
      expect(anchors.length, slug).toBeGreaterThan(0);
      for (const { start, end, digest } of anchors) {
        expect(start, slug).toBeGreaterThanOrEqual(0);
        expect(end, slug).toBeGreaterThan(start);
        expect(end, slug).toBeLessThanOrEqual(source.length);
        expect(digest, slug).toMatch(/^[0-9a-f]{64}$/);
      }
    }
  });
});

describe('a statement', () => {
  it('is null where the slug is unknown, without an error', async () => {
    for (const slug of ['nothing', '', 'Macron', '\0', '🦊', 'x'.repeat(10_000), "'; --"]) {
      expect(await record.ask('query ($slug: String!) { statement(slug: $slug) { id } }', { slug })).toEqual({
        statement: null,
      });
    }
  });

  it('says who recorded it when, at which position', async () => {
    const { statement } = await record.ask<{
      statement: { recordedBy: string; recordedAt: string; position: string; status: string };
    }>(
      '{ statement(slug: "macron-ceasefire-needed") { recordedBy recordedAt position status retraction { reason } revisions { number } } }',
    );
    expect(statement).toMatchObject({
      recordedBy: 'seed',
      status: 'CURRENT',
      retraction: null,
      revisions: [],
    });
    expect(new Date(statement.recordedAt).toISOString()).toBe(statement.recordedAt);
    expect(Number(statement.position)).toBeGreaterThan(0);
  });

  it.each(['', '  ', '\0', 'half of a pair: \ud800', 'x'.repeat(1_001)])(
    'is not retracted for the reason %j',
    async (reason) => {
      const { db } = record.database;
      const { id } = await db.prisma.statement.findFirstOrThrow();
      const retraction = db.prisma.$transaction((tx) => retractStatement(tx, id, reason, 'editor'));
      await expect(retraction).rejects.toMatchObject({
        code: 'INVALID_INPUT',
        inputPath: ['input', 'reason'],
      });
    },
  );

  it('that was retracted leaves lists and stays at its address, with the reason', async () => {
    const { db } = record.database;
    const slug = 'trump-no-breakthrough';
    const { id } = await db.prisma.statement.findUniqueOrThrow({ where: { slug } });
    await db.prisma.$transaction((tx) =>
      retractStatement(tx, id, 'Attributed to the wrong speaker.', 'editor'),
    );
    const query = `query ($slug: String!) {
      statement(slug: $slug) { status text retraction { reason by at } position linkedFrom { statement { slug } } }
      actor(slug: "donald-trump") { statements { totalCount nodes { slug } } positions { stance } }
      all: actor(slug: "donald-trump") { statements(filter: { includeRetracted: true }) { nodes { slug status } } }
      event(slug: "trump-putin-call-2025") { statements { totalCount } accounts { statements { slug } } comparison { verdict } }
      record { statements position }
    }`;
    expect(await record.ask(query, { slug })).toMatchObject({
      statement: {
        status: 'RETRACTED',
        retraction: { reason: 'Attributed to the wrong speaker.', by: 'editor' },
        position: '65',
        linkedFrom: [{ statement: { slug: 'macron-no-movement-on-ukraine' } }],
      },
      actor: { statements: { totalCount: 0, nodes: [] }, positions: [] },
      all: { statements: { nodes: [{ slug, status: 'RETRACTED' }] } },
      event: {
        statements: { totalCount: 0 },
        accounts: [{ statements: [] }, { statements: [] }],
        comparison: [],
      },
      record: { statements: 25 },
    });
    expect(await record.statements({ speakers: ['donald-trump'] })).toEqual([]);
  });
});
