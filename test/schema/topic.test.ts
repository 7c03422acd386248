import { describe, expect, it } from 'vitest';
import { useSeededRecord } from '../support/seeded.ts';

const record = useSeededRecord();

describe('asking the article', () => {
  it('which topics there are, as a tree', async () => {
    const { topics } = await record.ask<{ topics: { nodes: unknown[] } }>(
      '{ topics(roots: true) { nodes { slug children { slug children { slug children { slug } } } } } }',
    );
    const leaf = (slug: string) => ({ slug, children: [] });
    expect(topics.nodes).toEqual([
      { slug: 'middle-east-escalation', children: [leaf('iran-diplomacy'), leaf('strikes-on-iran')] },
      {
        slug: 'nuclear-non-proliferation',
        children: [
          {
            slug: 'iran-nuclear-programme',
            children: [
              leaf('iaea-oversight-of-iran'),
              leaf('iran-npt-compliance'),
              leaf('iran-peaceful-nuclear-energy'),
            ],
          },
        ],
      },
      leaf('france-russia-relations'),
      {
        slug: 'ukraine-war',
        children: [
          'ukraine-ceasefire',
          'ukraine-troop-deployment',
          'regional-security-talks',
          'ukraine-dialogue',
          'ukraine-root-causes',
          'sanctions-on-russia',
          'ukraine-territory',
        ].map(leaf),
      },
    ]);
  });

  it('who is for Iran’s right to peaceful nuclear energy', async () => {
    const { topic } = await record.ask<{ topic: unknown }>(`{
      topic(slug: "iran-peaceful-nuclear-energy") {
        parent { slug parent { slug parent { slug } } }
        positions { actor { name } stance since { edtf } }
      }
    }`);
    expect(topic).toEqual({
      parent: { slug: 'iran-nuclear-programme', parent: { slug: 'nuclear-non-proliferation', parent: null } },
      positions: [
        { actor: { name: 'Emmanuel Macron' }, stance: 'SUPPORTS', since: { edtf: '2025-07-01' } },
        { actor: { name: 'Vladimir Putin' }, stance: 'SUPPORTS', since: { edtf: '2025-07-01' } },
      ],
    });
  });

  it('who calls the neglect of Russia’s concerns the root cause', async () => {
    const { topic } = await record.ask<{ topic: { positions: { actor: { name: string } }[] } }>(
      '{ topic(slug: "ukraine-root-causes") { positions { actor { name } stance } } }',
    );
    expect(topic.positions.map(({ actor }) => actor.name)).toEqual(['Vladimir Putin', 'Kremlin']);
  });

  it('how much was said on Ukraine, with and without the narrower topics', async () => {
    const { topic } = await record.ask<{ topic: unknown }>(`{
      topic(slug: "ukraine-war") {
        proposition positions { stance }
        whole: statements { totalCount }
        alone: statements(filter: { includeSubtopics: false }) { totalCount nodes { slug } }
        both: statements(filter: { topics: ["ukraine-ceasefire"] }) { nodes { slug } }
      }
    }`);
    expect(topic).toEqual({
      proposition: null,
      positions: [],
      whole: { totalCount: 11 },
      alone: {
        totalCount: 3,
        nodes: [
          { slug: 'macron-sharp-differences-on-ukraine' },
          { slug: 'macron-no-movement-on-ukraine' },
          { slug: 'trump-no-breakthrough' },
        ],
      },
      both: { nodes: [{ slug: 'macron-ceasefire-needed' }] },
    });
  });
});

describe('a topic', () => {
  it('is null where the slug is unknown, without an error', async () => {
    for (const slug of ['nothing', '', 'Ukraine', '\0', '🦊', 'x'.repeat(10_000)]) {
      expect(await record.ask('query ($slug: String!) { topic(slug: $slug) { id } }', { slug })).toEqual({
        topic: null,
      });
    }
  });

  it('is listed by name; those at the top and those below another make all', async () => {
    const { all, roots, others } = await record.ask<
      Record<'all' | 'roots' | 'others', { nodes: { name: string }[] }>
    >(`{
      all: topics(first: 100) { nodes { name } }
      roots: topics(roots: true, first: 100) { nodes { name } }
      others: topics(roots: false, first: 100) { nodes { name } }
    }`);
    const names = all.nodes.map(({ name }) => name);
    expect(names).toEqual([...names].sort());
    expect([...roots.nodes, ...others.nodes].map(({ name }) => name).sort()).toEqual(names);
    expect(roots.nodes).toHaveLength(4);
  });

  it('is found by search among those at the top only, where only these are asked for', async () => {
    expect(await record.ask('{ topics(search: "ukraine", roots: true) { nodes { slug } } }')).toEqual({
      topics: { nodes: [{ slug: 'ukraine-war' }] },
    });
  });
});
