import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ActorKind } from '../../../src/db/generated/enums.ts';
import { facetsSql } from '../../../src/log/facets.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { saveActor } from '../../support/saves.ts';
import { makeWorld, record } from '../../support/world.ts';

let test: TestDatabase;

interface Affiliation {
  in: string;
  role?: string;
  from?: string;
  to?: string;
}
const save = (slug: string, kind: ActorKind, affiliations: Affiliation[] = []) =>
  test.db.prisma.$transaction((tx) =>
    saveActor(
      tx,
      {
        slug,
        name: slug,
        kind,
        affiliations: affiliations.map((affiliation) => ({ role: 'Member', ...affiliation })),
      },
      'test',
    ),
  );

/** The sides that an actor can speak for, the first in force first. */
async function sides(slug: string): Promise<string[]> {
  const { rows } = await test.db.pool.query(
    `SELECT concat_ws(' ', side.slug, s."from", s."to") AS side FROM actor_side s JOIN actor ON actor.id = s.actor_id
     JOIN actor side ON side.id = s.side_id WHERE actor.slug = $1 ORDER BY s.ordinal`,
    [slug],
  );
  return rows.map(({ side }) => side);
}

/** Each giver of a statement, with whom it speaks for. */
async function givers(slug: string): Promise<string[]> {
  const { rows } = await test.db.pool.query(
    `SELECT a.slug || ' for ' || f.slug AS giver FROM statement_giver g JOIN statement s ON s.id = g.statement_id
     JOIN actor a ON a.id = g.actor_id JOIN actor f ON f.id = g.for_id WHERE s.slug = $1 ORDER BY 1`,
    [slug],
  );
  return rows.map(({ giver }) => giver);
}

/** The facets of a statement that follow from actors, with slugs, as deliveries have them. */
async function facets(slug: string): Promise<{ givers: string[]; sides: string[]; offices: string[] }> {
  const { rows } = await test.db.pool.query(
    `SELECT f.facets -> 'after' AS facets FROM (
       SELECT ${facetsSql()} AS facets FROM change c JOIN statement x ON x.id = c.statement_id AND x.slug = $1
       ORDER BY c.position DESC LIMIT 1) AS f`,
    [slug],
  );
  const { giverIds, sideIds, offices } = rows[0].facets;
  const { rows: actors } = await test.db.pool.query('SELECT id, slug FROM actor');
  const slugs = new Map<number, string>(actors.map((actor) => [actor.id, actor.slug]));
  const named = (ids: number[]) => ids.map((id) => slugs.get(id) as string).sort();
  return {
    givers: named(giverIds),
    sides: named(sideIds),
    offices: offices
      .map(({ inId, role }: { inId: number; role: string }) => `${role} ${slugs.get(inId)}`)
      .sort(),
  };
}

beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  await makeWorld(test.db.prisma);
  await save('union', 'ORGANISATION');
  await save('arcadia', 'STATE', [{ in: 'union' }]);
  await save('borduria', 'STATE');
  await save('palace', 'BODY', [{ in: 'arcadia' }]);
  await save('party', 'ORGANISATION', [{ in: 'union' }]);
  await save('president', 'PERSON', [
    { in: 'party', from: '2010-01-01' },
    { in: 'arcadia', role: 'President', from: '2020-01-01', to: '2024-12-31' },
  ]);
  await save('spokesman', 'PERSON', [{ in: 'palace', role: 'Spokesman', to: '2022-06-30' }]);
});
afterAll(() => test.drop());

describe('the sides of an actor', () => {
  it('are itself where it is a state or an organisation, whatever that belongs to', async () => {
    expect(await sides('arcadia')).toEqual(['arcadia']);
    expect(await sides('party')).toEqual(['party']);
  });

  it('are the nearest states and organisations that it belongs to, states first, with the days', async () => {
    expect(await sides('president')).toEqual(['arcadia 2020-01-01 2024-12-31', 'party 2010-01-01']);
    expect(await sides('spokesman')).toEqual(['arcadia 2022-06-30']);
    expect(await sides('palace')).toEqual(['arcadia']);
  });

  it('follow when a body between the two moves, or becomes a state itself', async () => {
    await save('court', 'BODY', [{ in: 'arcadia' }]);
    await save('judge', 'PERSON', [{ in: 'court' }]);
    expect(await sides('judge')).toEqual(['arcadia']);
    await save('court', 'BODY', [{ in: 'borduria' }]);
    expect(await sides('judge')).toEqual(['borduria']);
    await save('court', 'STATE', [{ in: 'borduria' }]);
    expect(await sides('judge')).toEqual(['court']);
    await save('court', 'BODY');
    expect(await sides('judge')).toEqual([]);
  });

  it('end where bodies belong to one another in a circle', async () => {
    await save('left', 'BODY');
    await save('right', 'BODY', [{ in: 'left' }]);
    await save('left', 'BODY', [{ in: 'right' }, { in: 'arcadia' }]);
    expect(await sides('right')).toEqual(['arcadia']);
  });
});

describe('the givers of a statement', () => {
  it('are its speakers, who speak for themselves and for whom they belong to on that day', async () => {
    await record(test.db, { slug: 'in-office', speakers: ['president', 'boris'], said: '2024-05-01' });
    expect(await givers('in-office')).toEqual(['boris for boris', 'president for president']);
    expect(await facets('in-office')).toEqual({
      givers: ['boris', 'president'],
      sides: ['arcadia', 'boris', 'party', 'president'],
      offices: ['Member party', 'President arcadia'],
    });
    await record(test.db, { slug: 'out-of-office', speakers: ['president'], said: '2025-05-01' });
    expect(await facets('out-of-office')).toMatchObject({
      sides: ['party', 'president'],
      offices: ['Member party'],
    });
  });

  it('speak for whom they spoke on behalf of, and not for whom they belong to', async () => {
    const fields = { speakers: ['president'], onBehalfOf: ['union', 'palace'], said: '2024-05-01' };
    await record(test.db, { slug: 'on-behalf', ...fields });
    expect(await givers('on-behalf')).toEqual(['president for palace', 'president for union']);
    expect((await facets('on-behalf')).sides).toEqual(['arcadia', 'palace', 'union']);
  });

  it('are the outermost hop that is not an outlet, which speaks for its own side', async () => {
    const attribution = [
      { actor: 'clara', form: 'REMARKS' },
      { actor: 'palace', form: 'READOUT' },
      { actor: 'daily-news', form: 'REPORT' },
    ];
    const fields = { speakers: ['anna'], onBehalfOf: ['borduria'], attribution };
    await record(test.db, { slug: 'passed-on', ...fields });
    expect(await givers('passed-on')).toEqual(['palace for palace']);
    expect(await facets('passed-on')).toMatchObject({ givers: ['palace'], sides: ['arcadia', 'palace'] });
  });

  it('change when an actor that passed it on becomes an outlet, or ceases to be one', async () => {
    const attribution = [
      { actor: 'clara', form: 'REMARKS' },
      { actor: 'agency', form: 'REPORT' },
    ];
    await save('agency', 'ORGANISATION');
    await record(test.db, { slug: 'by-agency', speakers: ['anna'], attribution });
    expect(await givers('by-agency')).toEqual(['agency for agency']);
    await save('agency', 'OUTLET');
    expect(await givers('by-agency')).toEqual(['clara for clara']);
    await save('agency', 'BODY');
    expect(await givers('by-agency')).toEqual(['agency for agency']);
  });

  it('are known for changes from before the log had them', async () => {
    const slugs = ['in-office', 'out-of-office', 'passed-on'];
    const before = await Promise.all(slugs.map(facets));
    await test.db.pool.query(`ALTER TABLE change DISABLE TRIGGER change_append_only;
      UPDATE change SET facets = facets #- '{after,version}' #- '{after,giverIds}' #- '{after,sideIds}' #- '{after,offices}'
        #- '{after,behalfIds}' #- '{after,linkKinds}' WHERE facets IS NOT NULL`);
    expect(await Promise.all(slugs.map(facets))).toEqual(before);
  });
});
