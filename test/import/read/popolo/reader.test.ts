import { describe, expect, it } from 'vitest';
import type { ActorInput } from '../../../../src/domain/input/noun.ts';
import { readPopolo } from '../../../../src/import/read/popolo/reader.ts';
import { readItems } from '../../../support/items.ts';

const PERSON_ID = '86d5c94f-67eb-4248-b052-0b7468cf03af';

const POPOLO = `{
  "persons": [
    {"id": "${PERSON_ID}", "name": "Ana Ruiz", "gender": "female", "links": [{"url": "https://example.org/"}, {"url": "https://example.com/"}],
     "identifiers": [{"scheme": "wikidata", "identifier": "Q1"}, {"scheme": "everypolitician_legacy", "identifier": "810"}],
     "other_names": [{"name": "Ana Ruiz", "lang": "es"}, {"name": "Анна Руис", "lang": "ru"}, {"name": "A. Ruiz", "lang": "es"},
       {"name": "A. Ruiz", "lang": "pt"}, {"name": "Ana Soto", "start_date": "2001-05", "end_date": "2009"}]},
    {
     "id": "2", "name": "Kim Chol"},
    {"id": "3", "name": "Kim Chol", "summary": "A miner."},
    {"id": "4", "given_name": "Lea", "family_name": "Ott"},
    {"id": "5", "other_names": [{"note": "Alternate", "name": "Al"}, {"note": "Main", "given_name": "Alan", "family_name": "Poe"}]},
    {"id": "6"}
  ],
  "organizations": [
    {"id": "house", "name": "House of Deputies", "classification": "legislature"},
    {"id": "left", "name": "The Left", "classification": "party", "identifiers": [{"scheme": "wikidata", "identifier": "Q7"}]},
    {"id": "left2", "name": "La Izquierda", "classification": "party", "identifiers": [{"scheme": "wikidata", "identifier": "Q7"}]},
    {"id": "youth", "name": "Young Left", "parent_id": "left2"}
  ],
  "posts": [{"id": "speaker", "organization_id": "house", "role": "Speaker"}],
  "events": [{"id": "term/3", "classification": "legislative period", "start_date": "2015-03-30", "end_date": "2019"}],
  "areas": [{"id": "a1"}],
  "memberships": [
    {"person_id": "${PERSON_ID}", "organization_id": "house", "on_behalf_of_id": "left2", "role": "member", "legislative_period_id": "term/3", "area_id": "a1"},
    {"person_id": "${PERSON_ID}", "organization_id": "house", "on_behalf_of_id": "left", "role": "member", "legislative_period_id": "term/3"},
    {"person_id": "2", "post_id": "speaker", "start_date": "2016-02-01T00:00:00Z", "legislative_period_id": "term/3"},
    {"person_id": "3", "organization_id": "house", "start_date": "2016-02-01", "end_date": "2015"},
    {"person_id": "9", "organization_id": "house"},
    {"person_id": "3", "organization_id": "senate"},
    {"person_id": "3", "organization_id": "house", "start_date": "next year"}
  ]
}`;

const items = readItems(readPopolo, [POPOLO], 'deputies.json');

const actors = items.then((all) =>
  all.flatMap((item) => (item.kind === 'actor' ? [item.value as ActorInput] : [])),
);
const actor = async (name: string) => (await actors).find((one) => one.name === name) as ActorInput;

describe('a Popolo file', () => {
  it('gives persons with their identifiers and other names', async () => {
    const { affiliations: _, ...person } = await actor('Ana Ruiz');
    expect(person).toEqual({
      slug: 'ana-ruiz',
      name: 'Ana Ruiz',
      kind: 'PERSON',
      aliases: [
        { name: 'Анна Руис', language: 'ru' },
        { name: 'A. Ruiz' },
        { name: 'Ana Soto', from: '2001-05', to: '2009' },
      ],
      identifiers: [
        { scheme: 'popolo', value: PERSON_ID },
        { scheme: 'wikidata', value: 'Q1' },
      ],
    });
  });

  it('gives memberships as affiliations, with the dates of the term where they have none, and of the party on whose behalf', async () => {
    expect((await actor('Ana Ruiz')).affiliations).toEqual([
      { in: 'house-of-deputies', role: 'member', from: '2015-03-30', to: '2019' },
      { in: 'the-left', role: 'member', from: '2015-03-30', to: '2019' },
    ]);
    const speaker = (await actors).find(({ affiliations }) => affiliations?.[0]?.role === 'Speaker');
    expect(speaker?.affiliations).toEqual([
      { in: 'house-of-deputies', role: 'Speaker', from: '2016-02-01', to: '2019' },
    ]);
  });

  it('makes one actor of entries that share an identifier', async () => {
    expect(await actor('The Left')).toEqual({
      slug: 'the-left',
      name: 'The Left',
      kind: 'ORGANISATION',
      aliases: [{ name: 'La Izquierda' }],
      identifiers: [{ scheme: 'wikidata', value: 'Q7' }],
    });
    expect(await actor('Young Left')).toMatchObject({ affiliations: [{ in: 'the-left', role: 'part' }] });
    expect(await actor('House of Deputies')).toMatchObject({ kind: 'BODY' });
  });

  it('takes the name from its parts, or from the main one of the other names', async () => {
    expect(await actor('Lea Ott')).toMatchObject({ slug: 'lea-ott' });
    expect(await actor('Alan Poe')).toMatchObject({ slug: 'alan-poe', aliases: [{ name: 'Al' }] });
  });

  it('gives persons of one name different slugs, which do not depend on their order', async () => {
    const slugsOf = async (text: string) =>
      (await readItems(readPopolo, [text])).flatMap((item) =>
        item.kind === 'actor' ? [(item.value as ActorInput).slug] : [],
      );
    const one = '{"id":"2","name":"Kim Chol"}';
    const other = '{"id":"3","name":"Kim Chol"}';
    const slugs = await slugsOf(`[${one},${other}]`);
    expect(slugs).toEqual([
      expect.stringMatching(/^kim-chol-[0-9a-f]{8}$/),
      expect.stringMatching(/^kim-chol-[0-9a-f]{8}$/),
    ]);
    expect(new Set(slugs).size).toBe(2);
    expect(await slugsOf(`[${other},${one}]`)).toEqual(slugs.toReversed());
    expect(await slugsOf(`[${one}]`)).toEqual(['kim-chol']);
  });

  it('names each entry that it can’t take, with its line and the reason', async () => {
    const unread = (await items).filter((item) => item.kind === 'unread');
    const lineOf = (part: string) => POPOLO.slice(0, POPOLO.indexOf(part)).split('\n').length;
    expect(unread.map(({ place, path, reason }) => [place.line, path.join('.'), reason])).toEqual([
      [lineOf('{"id": "6"}'), 'name', 'is missing'],
      [
        lineOf('"2016-02-01", "end'),
        'memberships.start_date',
        'ends on 2015, before it begins on 2016-02-01',
      ],
      [lineOf('"9"'), 'memberships.person_id', 'names the person “9”, whom the file does not have'],
      [
        lineOf('"senate"'),
        'memberships.organization_id',
        'names the organization “senate”, which the file does not have',
      ],
      [lineOf('next year'), 'memberships.start_date', 'begins on “next year”, which is not a date'],
    ]);
  });

  it('counts what it leaves out', async () => {
    const omitted = (await items).flatMap((item) =>
      item.kind === 'omitted' ? [[item.what, item.count]] : [],
    );
    expect(Object.fromEntries(omitted)).toEqual({
      'entries that share an identifier with an earlier one, whose actor has their names': 1,
      'areas of memberships': 1,
      genders: 1,
      links: 2,
      'identifiers that are unique in one legislature only, or too long': 1,
      'elections and legislative periods': 1,
      areas: 1,
    });
  });

  it('counts fields that it does not know, and each image once', async () => {
    const document = {
      persons: [
        {
          id: '1',
          name: 'Ana',
          image: 'a.png',
          images: [{ url: 'a.png' }, { url: 'b.png' }],
          given_names: 'Ana Maria',
        },
        { id: '2', name: 'Kim', image: 'c.png', retired: false, given_names: '' },
      ],
      organizations: [{ id: 'h', name: 'House', seats: 20, legislative_periods: [] }],
      memberships: [{ person_id: '1', organization_id: 'h', area: { name: 'North' }, votes: 12 }],
    };
    const all = await readItems(readPopolo, [JSON.stringify(document)]);
    const omitted = all.flatMap((item) => (item.kind === 'omitted' ? [[item.what, item.count]] : []));
    expect(Object.fromEntries(omitted)).toEqual({
      images: 3,
      'values of “given_names” of persons and organizations': 1,
      'numbers of seats': 1,
      'areas of memberships': 1,
      'values of “votes” of memberships': 1,
    });
  });

  it('gives memberships the dates of terms that their organization lists', async () => {
    const document = {
      persons: [{ id: '1', name: 'Ana' }],
      organizations: [
        {
          ...{ id: 'h', name: 'House', classification: 'legislature' },
          legislative_periods: [{ id: 'term/1', start_date: '1907-05-22', end_date: '1908-07-31' }],
        },
      ],
      memberships: [{ person_id: '1', organization_id: 'h', legislative_period_id: 'term/1' }],
    };
    const all = await readItems(readPopolo, [JSON.stringify(document)]);
    const [person] = all
      .flatMap((item) => (item.kind === 'actor' ? [item.value as ActorInput] : []))
      .slice(-1);
    expect(person?.affiliations).toEqual([
      { in: 'house', role: 'member', from: '1907-05-22', to: '1908-07-31' },
    ]);
  });

  it('is refused where it is something else', async () => {
    const reasonsOf = async (text: string | Uint8Array) =>
      (await readItems(readPopolo, [text])).flatMap((item) => ('reason' in item ? [item.reason] : []));
    expect(await reasonsOf('{"persons": [}')).toEqual([expect.stringMatching(/^is not JSON: /)]);
    expect(await reasonsOf('{"people": []}')).toEqual([expect.stringMatching(/^is not Popolo/)]);
    expect(await reasonsOf(Buffer.from([0x7b, 0xff]))).toEqual([expect.stringMatching(/^is not UTF-8/)]);
  });
});
