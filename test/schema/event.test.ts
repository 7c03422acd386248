import { describe, expect, it } from 'vitest';
import { useSeededRecord } from '../support/seeded.ts';

const record = useSeededRecord();

interface Slugged {
  readonly slug: string;
}
interface Row {
  readonly topic: Slugged;
  readonly verdict: string;
  readonly cells: readonly {
    side: { name: string };
    stance: string | null;
    statements: readonly Slugged[];
  }[];
}

const CALL = `{
  event(slug: "call-2025-07-01") {
    name kind date { edtf earliest latest } participants { name }
    accounts { side { name } statements { slug } }
    comparison { topic { slug } verdict cells { side { name } stance statements { slug } } }
  }
}`;
interface Call {
  readonly event: {
    readonly name: string;
    readonly accounts: readonly { side: { name: string }; statements: readonly Slugged[] }[];
    readonly comparison: readonly Row[];
  };
}

describe('the call of 1 July', () => {
  it('has its day, its participants and its two sides', async () => {
    const { event } = await record.ask<Call>(CALL);
    expect(event).toMatchObject({
      kind: 'CALL',
      date: { edtf: '2025-07-01', earliest: '2025-07-01', latest: '2025-07-01' },
      participants: [{ name: 'Emmanuel Macron' }, { name: 'Vladimir Putin' }],
    });
    expect(event.accounts.map(({ side }) => side.name)).toEqual(['France', 'Russia']);
  });

  it('has in France’s account what Macron said, and in Russia’s what Kremlin and Putin said or passed on', async () => {
    const { event } = await record.ask<Call>(CALL);
    const [france, russia] = event.accounts.map(({ statements }) => statements.map(({ slug }) => slug));
    expect(france).toHaveLength(11);
    expect(france?.every((slug) => slug.startsWith('macron-'))).toBe(true);
    expect(russia).toEqual([
      'leaders-agree-iran-right-to-peaceful-energy',
      'leaders-agree-iran-npt-compliance',
      'russia-and-france-pledge-diplomacy',
      'kremlin-western-neglect-is-root-cause',
      'putin-settlement-must-address-root-causes',
      'putin-settlement-must-reflect-territory',
    ]);
  });

  it.each([
    [
      'non-proliferation is reported by both',
      'nuclear-non-proliferation',
      'BOTH_REPORT',
      ['France', 'Russia'],
    ],
    [
      'Iran’s right to nuclear energy is in the Kremlin’s account only',
      'iran-peaceful-nuclear-energy',
      'ONE_SIDED',
      ['Russia'],
    ],
    ['Iran’s obligations are in the Kremlin’s account only', 'iran-npt-compliance', 'ONE_SIDED', ['Russia']],
    [
      'the pledge of further diplomacy is in the Kremlin’s account only',
      'iran-diplomacy',
      'ONE_SIDED',
      ['Russia'],
    ],
    ['the war in Ukraine is disputed', 'ukraine-war', 'DISPUTED', ['France', 'Russia']],
    ['the ceasefire is in Macron’s account only', 'ukraine-ceasefire', 'ONE_SIDED', ['France']],
    ['renewed dialogue is in Macron’s account only', 'ukraine-dialogue', 'ONE_SIDED', ['France']],
    ['the root causes are in the Russian account only', 'ukraine-root-causes', 'ONE_SIDED', ['Russia']],
    ['the territory is in the Russian account only', 'ukraine-territory', 'ONE_SIDED', ['Russia']],
    ['the strikes are in Macron’s account only', 'strikes-on-iran', 'ONE_SIDED', ['France']],
  ])('shows that %s', async (_, topic, verdict, speaking) => {
    const { event } = await record.ask<Call>(CALL);
    const row = event.comparison.find((each) => each.topic.slug === topic);
    expect(row?.verdict).toBe(verdict);
    expect(row?.cells.map(({ side }) => side.name)).toEqual(['France', 'Russia']);
    expect(row?.cells.flatMap(({ side, statements }) => (statements.length > 0 ? [side.name] : []))).toEqual(
      speaking,
    );
  });

  it('has its rows in the order of the tree, and says nothing of sanctions and troops', async () => {
    const { event } = await record.ask<Call>(CALL);
    expect(event.comparison.map(({ topic }) => topic.slug)).toEqual([
      'middle-east-escalation',
      'iran-diplomacy',
      'strikes-on-iran',
      'nuclear-non-proliferation',
      'iran-nuclear-programme',
      'iran-npt-compliance',
      'iran-peaceful-nuclear-energy',
      'france-russia-relations',
      'ukraine-war',
      'ukraine-ceasefire',
      'ukraine-dialogue',
      'ukraine-root-causes',
      'ukraine-territory',
    ]);
  });

  it('gives each side’s stance on the very topic of a row, null where it takes none', async () => {
    const { event } = await record.ask<Call>(CALL);
    const stances = Object.fromEntries(
      event.comparison.map(({ topic, cells }) => [topic.slug, cells.map(({ stance }) => stance)]),
    );
    expect(stances['nuclear-non-proliferation']).toEqual(['SUPPORTS', null]);
    expect(stances['ukraine-root-causes']).toEqual([null, 'SUPPORTS']);
    expect(stances['ukraine-war']).toEqual([null, null]);
  });
});

describe('asking the article', () => {
  it('which events it tells of, newest first', async () => {
    const { events } = await record.ask<{ events: { nodes: unknown[] } }>(
      '{ events { nodes { slug kind date { edtf } } } }',
    );
    expect(events.nodes).toEqual([
      { slug: 'macron-remarks-2025-07-04', kind: 'PRESS_APPEARANCE', date: { edtf: '2025-07-04' } },
      { slug: 'trump-putin-call-2025', kind: 'CALL', date: { edtf: '2025-07~' } },
      { slug: 'call-2025-07-01', kind: 'CALL', date: { edtf: '2025-07-01' } },
      { slug: 'iran-halts-iaea-cooperation-2025', kind: 'DECISION', date: { edtf: '2025-06/2025-07-07' } },
      { slug: 'strikes-on-iran-2025-06', kind: 'MILITARY_ACTION', date: { edtf: '2025-06~' } },
    ]);
  });

  it('in which of them Putin took part, and who was struck by whom', async () => {
    const { putin, strikes } = await record.ask<{ putin: { nodes: Slugged[] }; strikes: unknown }>(`{
      putin: events(participants: ["vladimir-putin"]) { nodes { slug } }
      strikes: event(slug: "strikes-on-iran-2025-06") { participants { name } comparison { verdict } }
    }`);
    expect(putin.nodes.map(({ slug }) => slug)).toEqual(['trump-putin-call-2025', 'call-2025-07-01']);
    expect(strikes).toMatchObject({
      participants: [{ name: 'Israel' }, { name: 'United States' }, { name: 'Iran' }],
    });
  });

  it('what Trump reported of his own call, and that no account of the other side is given', async () => {
    const { event } = await record.ask<Call>(CALL.replace('call-2025-07-01', 'trump-putin-call-2025'));
    expect(event.accounts).toEqual([
      { side: { name: 'United States' }, statements: [{ slug: 'trump-no-breakthrough' }] },
      { side: { name: 'Russia' }, statements: [] },
    ]);
    expect(event.comparison.map(({ verdict }) => verdict)).toEqual(['ONE_SIDED']);
  });

  it('what Macron told reporters: one side’s account, with nothing to compare', async () => {
    const { event } = await record.ask<Call>(CALL.replace('call-2025-07-01', 'macron-remarks-2025-07-04'));
    expect(event.accounts.map(({ side, statements }) => [side.name, statements.length])).toEqual([
      ['France', 7],
    ]);
    expect(event.comparison).toEqual([]);
  });
});

describe('an event', () => {
  it('is null where the slug is unknown, without an error', async () => {
    for (const slug of ['nothing', '', 'Call', '\0', '🦊', 'x'.repeat(10_000)]) {
      expect(await record.ask('query ($slug: String!) { event(slug: $slug) { id } }', { slug })).toEqual({
        event: null,
      });
    }
  });

  it('is not found by an empty list of participants or by unknown participants', async () => {
    const query =
      'query ($participants: [String!]) { events(participants: $participants) { nodes { slug } } }';
    for (const participants of [[], ['nobody'], ['\0'], ['x'.repeat(10_000)]]) {
      expect(await record.ask(query, { participants })).toEqual({ events: { nodes: [] } });
    }
  });
});
