import { beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/domain/anchor.ts';
import { type TestRecorder, useService } from '../../support/useService.ts';
import { statementInput } from '../../support/world.ts';

const TEXT = 'A truce is near.';
const ANCHOR = { start: 0, end: 7, digest: sha256(TEXT.slice(0, 7)) };

let recorder: TestRecorder;

useService('world', (used) => {
  ({ recorder } = used);
});
beforeAll(async () => {
  await payload('saveSource', 'SaveSourceInput', {
    slug: 'report',
    title: 'Report',
    publishedOn: '2025-07-01',
    text: TEXT,
  });
});

interface Payload {
  readonly warnings: readonly { readonly code: string; readonly message: string; readonly path: string[] }[];
  readonly position: string;
  readonly created?: boolean | number;
  readonly statement?: { readonly slug: string };
}

const operation = (mutation: string, type: string, more = '') =>
  `mutation ($input: ${type}) { ${mutation}(input: $input) { position warnings { code message path } ${more} } }`;

async function payload(mutation: string, type: string, input: unknown, more = ''): Promise<Payload> {
  const data = await recorder.data<Record<string, Payload>>(operation(mutation, `${type}!`, more), { input });
  return data[mutation] as Payload;
}

const record = (fields: Record<string, unknown>) =>
  payload('recordStatement', 'RecordStatementInput', statement(fields), 'created statement { slug }');
const statement = (fields: Record<string, unknown>) =>
  statementInput({ source: 'report', said: '2025-06-30', anchors: [ANCHOR], ...fields });
const placesOf = ({ warnings }: Payload) => warnings.map(({ code, path }) => `${code} ${path.join('.')}`);

describe('the warnings of a statement', () => {
  it('are empty where nothing is odd', async () => {
    expect((await record({ text: 'Nothing is odd.' })).warnings).toEqual([]);
  });

  it('say what is odd, and the statement is recorded', async () => {
    const written = await record({ text: 'All is odd.', said: '2999-01-01', anchors: [] });
    expect(written).toMatchObject({ created: true, statement: { slug: 'all-is-odd' } });
    expect(written.warnings).toEqual([
      {
        code: 'SAID_AFTER_PUBLICATION',
        message: 'It was said after its source “report” was published, on 2025-07-01. Check both dates.',
        path: ['input', 'said'],
      },
      {
        code: 'SAID_IN_FUTURE',
        message: '2999-01-01 is in the future. Check the date.',
        path: ['input', 'said'],
      },
      {
        code: 'NO_ANCHOR',
        message: 'It has no anchor. Add the span of its source in which it is written.',
        path: ['input', 'anchors'],
      },
    ]);
  });

  it('come again where the key is repeated, by the source as it is now', async () => {
    await payload('saveSource', 'SaveSourceInput', { slug: 'undated', title: 'Undated', text: TEXT });
    const given = { key: 'repeated', source: 'undated', anchors: undefined };
    expect(placesOf(await record(given))).toEqual(['NO_ANCHOR input.anchors']);
    await payload('saveSource', 'SaveSourceInput', {
      ...{ slug: 'undated', title: 'Undated', text: TEXT, publishedOn: '2025-06-01' },
    });
    const again = await record(given);
    expect(again.created).toBe(false);
    expect(placesOf(again)).toEqual(['SAID_AFTER_PUBLICATION input.said', 'NO_ANCHOR input.anchors']);
  });

  it('have the paths of their own input, also where many are recorded at once', async () => {
    const odd = (i: number) => (i % 2 === 0 ? {} : { anchors: [] });
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, i) => record({ text: `At once ${i}.`, ...odd(i) })),
    );
    expect(all.map(placesOf)).toEqual(all.map((_, i) => (i % 2 === 0 ? [] : ['NO_ANCHOR input.anchors'])));
  });

  it('have the number of the statement in a list', async () => {
    const input = [{}, { anchors: [] }, { said: '2025-07-02' }].map((fields, i) =>
      statement({ text: `In a list ${i}.`, ...fields }),
    );
    const written = await payload('recordStatements', '[RecordStatementInput!]', input, 'created');
    expect(written.created).toBe(3);
    expect(placesOf(written)).toEqual(['NO_ANCHOR input.1.anchors', 'SAID_AFTER_PUBLICATION input.2.said']);
    const again = await payload('recordStatements', '[RecordStatementInput!]', input, 'created');
    expect(placesOf(again), 'a list without keys is recorded again').toEqual(placesOf(written));
  });

  it('concern the whole content that a revision leaves, and come where nothing differs', async () => {
    const { statement: written } = await record({ text: 'To be revised.', anchors: [] });
    const revise = (changes: Record<string, unknown>) =>
      payload('reviseStatement', 'ReviseStatementInput', { id: written?.slug, ...changes });
    const first = await revise({ said: '2025-07-02' });
    expect(placesOf(first)).toEqual(['SAID_AFTER_PUBLICATION input.said', 'NO_ANCHOR input.anchors']);
    expect(placesOf(await revise({ said: '2025-07-02' }))).toEqual(placesOf(first));
    expect(placesOf(await revise({ said: '2025-07-01', anchors: [ANCHOR] }))).toEqual([]);
  });

  it('say that anchors in a source without a length were not checked', async () => {
    const anchors = [{ ...ANCHOR, start: 1_000_000, end: 1_000_007 }];
    const written = await record({ text: 'Somewhere in it.', source: 'first-source', anchors });
    expect(placesOf(written)).toEqual(['ANCHOR_NOT_CHECKED input.anchors']);
  });
});

describe('a save of a source with another text', () => {
  const LATER = 'At last: A truce is near.';
  const save = (input: object) => payload('saveSource', 'SaveSourceInput', input, 'changed');
  /** A new source with two anchors in one of two statements. */
  async function anchored(slug: string, content: object): Promise<void> {
    await save({ slug, title: slug, ...content });
    const anchors = [ANCHOR, { start: 2, end: 7, digest: sha256('truce') }];
    await record({ text: `In ${slug}.`, source: slug, anchors });
    await record({ text: `Somewhere in ${slug}.`, source: slug, anchors: [] });
  }
  const measured = (text: string) => ({ digest: sha256(text), length: text.length });

  it('says how many anchors are still those of the former text, once, and what places them', async () => {
    await anchored('corrected', { text: TEXT });
    expect((await save({ slug: 'corrected', text: LATER })).warnings).toEqual([
      {
        code: 'OUTDATED_ANCHORS',
        message:
          'Anchors of its statements that are still those of the former text: 2. Give the new text to reanchorSource (npm run reanchor), which places them.',
        path: ['input', 'text'],
      },
    ]);
    expect(placesOf(await save({ slug: 'corrected', text: LATER })), 'the same text again').toEqual([]);
    expect(placesOf(await save({ slug: 'corrected', title: 'Corrected' })), 'another title').toEqual([]);
    const placed = await recorder.data(
      'mutation ($input: ReanchorSourceInput!) { reanchorSource(input: $input) { moved } }',
      { input: { source: 'corrected', text: LATER } },
    );
    expect(placed).toEqual({ reanchorSource: { moved: 2 } });
  });

  it('says the same where only digest or length are given, with the path of what differs', async () => {
    await anchored('measured', measured(TEXT));
    expect(placesOf(await save({ slug: 'measured', ...measured(LATER) }))).toEqual([
      'OUTDATED_ANCHORS input.digest',
    ]);
    await anchored('long', { length: TEXT.length });
    expect(placesOf(await save({ slug: 'long', length: LATER.length }))).toEqual([
      'OUTDATED_ANCHORS input.length',
    ]);
  });

  it('says nothing of a source without anchors, or one whose former text is not known', async () => {
    await save({ slug: 'unused', title: 'Unused', text: TEXT });
    expect(placesOf(await save({ slug: 'unused', text: LATER }))).toEqual([]);
    await anchored('unknown', {});
    expect(placesOf(await save({ slug: 'unknown', text: TEXT }))).toEqual([]);
  });

  it('names the items of a list whose texts differ', async () => {
    await anchored('third', { text: TEXT });
    await anchored('first', { text: TEXT });
    const input = [
      { slug: 'first', text: LATER },
      { slug: 'second', title: 'Second', text: TEXT },
      { slug: 'third', text: LATER },
    ];
    expect(placesOf(await payload('saveSources', '[SaveSourceInput!]', input))).toEqual([
      'OUTDATED_ANCHORS input.0.text',
      'OUTDATED_ANCHORS input.2.text',
    ]);
  });
});

it('an anchor beyond the end of a source is refused, also where only the text of the source was given', async () => {
  const beyond = [{ ...ANCHOR, end: TEXT.length + 1 }];
  const input = statement({ anchors: beyond });
  const { message, extensions } = await recorder.refusal(
    operation('recordStatement', 'RecordStatementInput!'),
    { input },
  );
  expect(extensions).toMatchObject({ code: 'INVALID_INPUT', inputPath: ['input', 'anchors', 0, 'end'] });
  expect(message).toContain(`which has ${TEXT.length} code points`);
});

it('sources and events in the future are accepted with a warning', async () => {
  const source = { slug: 'next', title: 'Next', publishedOn: '2999-01-01' };
  expect(placesOf(await payload('saveSource', 'SaveSourceInput', source))).toEqual([
    'PUBLISHED_IN_FUTURE input.publishedOn',
  ]);
  const event = { slug: 'next', name: 'Next', kind: 'SUMMIT', date: '2999' };
  expect(placesOf(await payload('saveEvent', 'SaveEventInput', event))).toEqual([
    'EVENT_IN_FUTURE input.date',
  ]);
  expect(placesOf(await payload('saveEvent', 'SaveEventInput', { ...event, date: '1999' }))).toEqual([]);
});
