import { describe, expect, it } from 'vitest';
import { loadSeedFile } from '../../../src/import/seed/load.ts';
import type { TestDatabase } from '../../support/database.ts';
import type { TestService } from '../../support/service.ts';
import { type TestRecorder, useService } from '../../support/useService.ts';

let test: TestDatabase;
let service: TestService;
let recorder: TestRecorder;

useService('world', (used) => {
  ({ test, service, recorder } = used);
});

const SAVE = `mutation ($input: [SaveActorInput!]!) { saveActors(input: $input) {
  changed actors { slug identifiers { scheme value } } } }`;
const wikidata = (value: string) => ({ scheme: 'wikidata', value });

const save = (...input: unknown[]) =>
  recorder.answer<{ saveActors: { changed: string[][]; actors: { identifiers: unknown[] }[] } }>(SAVE, {
    input,
  });

describe('identifiers', () => {
  it.each([
    ['saveActor', 'actor', { slug: 'dora', name: 'Dora', kind: 'PERSON' }],
    ['saveTopic', 'topic', { slug: 'grain', name: 'Grain' }],
    ['saveSource', 'source', { slug: 'gazette', title: 'Gazette' }],
  ])('of %s find it, and the same one may name an entry of another noun', async (field, noun, input) => {
    const type = `${field.charAt(0).toUpperCase()}${field.slice(1)}Input`;
    const mutation = `mutation ($input: ${type}!) { ${field}(input: $input) { ${noun} { identifiers { scheme value } } } }`;
    const identifiers = [wikidata('Q1'), { scheme: 'own-list', value: 'No. 7 é' }];
    const saved = await recorder.answer(mutation, { input: { ...input, identifiers } });
    expect(saved).toMatchObject({ data: { [field]: { [noun]: { identifiers } } } });
    const query = `query ($identifier: IdentifierInput!) { found: ${noun}(identifier: $identifier) { slug } }`;
    for (const identifier of identifiers) {
      const { data } = await service.ask(query, { identifier });
      expect(data).toEqual({ found: { slug: input.slug } });
    }
    expect((await service.ask(query, { identifier: wikidata('Q1 ') })).data).toEqual({ found: null });
    const both = await service.ask(
      `{ ${noun}(slug: "x", identifier: { scheme: "a", value: "b" }) { slug } }`,
    );
    expect(both.errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('of another entry are a CONFLICT that names it', async () => {
    await save({ slug: 'anna', identifiers: [wikidata('Q10')] });
    const { errors } = await save({ slug: 'clara' }, { slug: 'boris', identifiers: [wikidata('Q10')] });
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'CONFLICT',
      inputPath: ['input', 1, 'identifiers', 0],
      slug: 'anna',
    });
    expect(errors?.[0]?.message).toContain('“wikidata Q10” is an identifier of the actor “anna”');
  });

  it('are refused twice in one entry or in one list', async () => {
    const twice = await save({ slug: 'boris', identifiers: [wikidata('Q20'), wikidata('Q20')] });
    expect(twice.errors?.[0]?.extensions).toMatchObject({
      code: 'INVALID_INPUT',
      inputPath: ['input', 0, 'identifiers', 1],
    });
    const list = await save(
      { slug: 'boris', identifiers: [wikidata('Q20')] },
      { slug: 'clara', identifiers: [wikidata('Q20')] },
    );
    expect(list.errors?.[0]?.extensions).toMatchObject({ code: 'CONFLICT', slug: 'boris' });
  });

  it('move from one entry to another in one list', async () => {
    await save({ slug: 'boris', identifiers: [wikidata('Q30')] });
    const { data, errors } = await save(
      { slug: 'clara', identifiers: [wikidata('Q30')] },
      { slug: 'boris', identifiers: [] },
    );
    expect(errors).toBeUndefined();
    expect(data?.saveActors).toMatchObject({
      changed: [['identifiers'], ['identifiers']],
      actors: [{ identifiers: [wikidata('Q30')] }, { identifiers: [] }],
    });
  });

  it('that two save at once go to one of them', async () => {
    const answers = await Promise.all(
      ['anna', 'boris', 'clara'].map((slug) => save({ slug, identifiers: [wikidata('Q40')] })),
    );
    const codes = answers.flatMap(({ errors }) => errors?.map(({ extensions }) => extensions?.code) ?? []);
    expect(codes).toEqual(['CONFLICT', 'CONFLICT']);
  });

  it('of a seed file are checked before any of it is written', async () => {
    await save({ slug: 'anna', identifiers: [wikidata('Q50')] });
    const text = `actors:
  - { slug: seed-1, name: One, kind: PERSON }
  - { slug: seed-2, name: Two, kind: PERSON, identifiers: [{ scheme: wikidata, value: Q50 }] }`;
    await expect(loadSeedFile(test.db.prisma, 'seed.yaml', text)).rejects.toThrow(
      'actors[1].identifiers[0] “wikidata Q50” is an identifier of the actor “anna”',
    );
    expect(await test.db.prisma.actor.count({ where: { slug: 'seed-1' } })).toBe(0);
  });
});
