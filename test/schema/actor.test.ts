import { describe, expect, it } from 'vitest';
import { useSeededRecord } from '../support/seeded.ts';

const record = useSeededRecord();

interface Named {
  readonly name: string;
}

describe('asking the article', () => {
  it('who the actors are', async () => {
    const { actors } = await record.ask<{ actors: { nodes: Named[] } }>(
      '{ actors(first: 100) { nodes { name } } }',
    );
    expect(actors.nodes.map(({ name }) => name)).toEqual([
      'BFMTV',
      'Donald Trump',
      'Emmanuel Macron',
      'European Union',
      'France',
      'International Atomic Energy Agency',
      'Iran',
      'Israel',
      'Kremlin',
      'NATO',
      'Russia',
      'Ukraine',
      'United Nations',
      'United Nations Security Council',
      'United States',
      'Vladimir Putin',
    ]);
  });

  it('which of them are persons, and which office each holds where', async () => {
    const { actors } = await record.ask<{ actors: { nodes: unknown[] } }>(
      '{ actors(kinds: [PERSON]) { nodes { name affiliations { role in { name } from to } } } }',
    );
    const president = (where: string, from: string) => [
      { role: 'President', in: { name: where }, from, to: null },
    ];
    expect(actors.nodes).toEqual([
      { name: 'Donald Trump', affiliations: president('United States', '2025-01-20') },
      { name: 'Emmanuel Macron', affiliations: president('France', '2017-05-14') },
      { name: 'Vladimir Putin', affiliations: president('Russia', '2012-05-07') },
    ]);
  });

  it('who belongs to Russia, and which states are named as permanent members', async () => {
    const { russia, council } = await record.ask<Record<'russia' | 'council', { members: unknown[] }>>(`{
      russia: actor(slug: "russia") { members { role actor { name } } }
      council: actor(slug: "united-nations-security-council") { members { role actor { name } } }
    }`);
    expect(russia.members).toEqual(
      expect.arrayContaining([
        { role: 'President', actor: { name: 'Vladimir Putin' } },
        { role: 'Office of the President', actor: { name: 'Kremlin' } },
      ]),
    );
    expect(council.members).toEqual([
      { role: 'Permanent member', actor: { name: 'France' } },
      { role: 'Permanent member', actor: { name: 'Russia' } },
    ]);
  });

  it('by which places Iran, Russia and France are meant', async () => {
    const { actors } = await record.ask<{
      actors: { nodes: (Named & { aliases: (Named & { metonym: boolean })[] })[] };
    }>('{ actors(kinds: [STATE]) { nodes { name aliases { name metonym } } } }');
    const places = new Map(
      actors.nodes.map(({ name, aliases }) => [name, aliases.filter((a) => a.metonym).map((a) => a.name)]),
    );
    expect(places.get('Iran')).toContain('Tehran');
    expect(places.get('Russia')).toContain('Moscow');
    expect(places.get('France')).toContain('Paris');
  });

  it('the positions of Macron, since when he has them, and what he shifted from', async () => {
    const { actor } = await record.ask<{ actor: { positions: unknown[] } }>(`{
      actor(slug: "emmanuel-macron") {
        positions(topics: ["regional-security-talks", "ukraine-troop-deployment", "ukraine-ceasefire"]) {
          topic { name } stance since { edtf } statement { slug } shiftedFrom { slug } shiftedTo { slug }
        }
      }
    }`);
    expect(actor.positions).toEqual([
      {
        topic: { name: 'Regional security talks with Russia' },
        stance: 'SUPPORTS',
        since: { edtf: '2025-07~' },
        statement: { slug: 'macron-eu-security-talks-with-russia' },
        shiftedFrom: { slug: 'macron-backed-deploying-troops' },
        shiftedTo: null,
      },
      {
        topic: { name: 'Ceasefire in Ukraine' },
        stance: 'SUPPORTS',
        since: { edtf: '2025-07-01/2025-07-07' },
        statement: { slug: 'macron-ceasefire-needed' },
        shiftedFrom: null,
        shiftedTo: null,
      },
      {
        topic: { name: 'Deployment of French and NATO troops' },
        stance: 'SUPPORTS',
        since: { edtf: '2024~' },
        statement: { slug: 'macron-backed-deploying-troops' },
        shiftedFrom: null,
        shiftedTo: { slug: 'macron-eu-security-talks-with-russia' },
      },
    ]);
  });

  it('the positions of Iran', async () => {
    const { actor } = await record.ask<{ actor: { positions: unknown[] } }>(
      '{ actor(slug: "iran") { positions { topic { slug } stance } } }',
    );
    expect(actor.positions).toEqual([
      { topic: { slug: 'strikes-on-iran' }, stance: 'SUPPORTS' },
      { topic: { slug: 'iaea-oversight-of-iran' }, stance: 'OPPOSES' },
    ]);
  });

  it('what Macron said on Ukraine, and that there are more statements than one page shows', async () => {
    const { actor } = await record.ask<{ actor: { statements: unknown } }>(`{
      actor(slug: "emmanuel-macron") {
        statements(filter: { topics: ["ukraine-war"] }, first: 2, orderBy: SAID_ON_ASC) {
          totalCount nodes { slug } pageInfo { hasNextPage }
        }
      }
    }`);
    expect(actor.statements).toEqual({
      totalCount: 7,
      nodes: [{ slug: 'macron-backed-deploying-troops' }, { slug: 'macron-no-movement-on-ukraine' }],
      pageInfo: { hasNextPage: true },
    });
  });
});

describe('an actor', () => {
  it('is null where the slug is unknown, without an error', async () => {
    for (const slug of [
      'nobody',
      '',
      'France',
      '\0',
      'fran\0ce',
      '🦊',
      '\ud800',
      'x'.repeat(10_000),
      "'; --",
    ]) {
      expect(await record.ask('query ($slug: String!) { actor(slug: $slug) { id } }', { slug })).toEqual({
        actor: null,
      });
    }
  });

  it('has no positions on topics that are unknown, or none', async () => {
    const query =
      'query ($topics: [String!]) { actor(slug: "iran") { positions(topics: $topics) { stance } } }';
    for (const topics of [[], ['nothing'], ['\0']]) {
      expect(await record.ask(query, { topics })).toEqual({ actor: { positions: [] } });
    }
    expect(await record.ask(query, { topics: null })).toMatchObject({ actor: { positions: [{}, {}] } });
  });

  it('of no kind is found by an empty list of kinds', async () => {
    expect(await record.ask('{ actors(kinds: []) { nodes { name } } }')).toEqual({ actors: { nodes: [] } });
  });
});
