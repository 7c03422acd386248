import { describe, expect, it } from 'vitest';
import { codePointLength, sha256 } from '../../../src/domain/anchor.ts';
import { verifyDatabase } from '../../../src/verify/history.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { exportedHistory, restored } from '../../support/exported.ts';
import type { ShownError } from '../../support/graphql.ts';
import { saveSource } from '../../support/saves.ts';
import type { TestService } from '../../support/service.ts';
import { type TestRecorder, useService } from '../../support/useService.ts';
import { record } from '../../support/world.ts';

const FORMER = 'Anna 🙂 said that a truce is near. Boris did not agree. Clara left.';
const REANCHOR = `mutation ($input: ReanchorSourceInput!) { reanchorSource(input: $input) {
  same moved ambiguous orphaned source { digest length text licence }
  anchors { statement { slug } outcome formerStart formerEnd start end places } } }`;
const STATEMENT = `query ($slug: String!) { statement(slug: $slug) {
  anchors { start end digest status words } revisions { content } } }`;
const LOST = `query ($source: String) { lostAnchors(source: $source) {
  total anchors { statement { slug } anchor { status start } } } }`;

let test: TestDatabase;
let service: TestService;
let recorder: TestRecorder;
let serial = 0;

useService('world', (used) => {
  ({ test, service, recorder } = used);
});

const refusal = (input: object): Promise<ShownError> => recorder.refusal(REANCHOR, { input });

interface Outcome {
  readonly source: object;
  readonly anchors: object[];
}
const reanchor = async (input: object): Promise<Outcome> =>
  (await recorder.data<{ reanchorSource: Outcome }>(REANCHOR, { input })).reanchorSource;
interface Shown {
  readonly anchors: object[];
  readonly revisions: { readonly content: string }[];
}
const shown = async (slug: string): Promise<Shown> =>
  (await recorder.data<{ statement: Shown }>(STATEMENT, { slug })).statement;

const digestAndLength = (text: string) => ({ digest: sha256(text), length: codePointLength(text) });
function anchorOf(words: string) {
  const start = codePointLength(FORMER.slice(0, FORMER.indexOf(words)));
  return { start, end: start + codePointLength(words), digest: sha256(words) };
}
/** A new source with a statement for each of the words: the slug of the source, and those of the statements. */
async function sourceWith(content: object, ...words: string[]): Promise<string[]> {
  serial += 1;
  const slug = `text-${serial}`;
  await test.db.prisma.$transaction((tx) => saveSource(tx, { slug, title: slug, ...content }, 'test'));
  const statements = words.map((_, i) => `${slug}-${i}`);
  for (const [i, of] of words.entries())
    await record(test.db, { slug: statements[i], source: slug, anchors: [anchorOf(of)] });
  return [slug, ...statements];
}
const changes = () => test.db.prisma.change.count();

describe('reanchorSource', () => {
  it('moves what it finds, marks what it loses, and logs a change for each statement', async () => {
    const [source, anna, truce, clara] = await sourceWith(
      digestAndLength(FORMER),
      'Anna 🙂',
      'a truce is near',
      'Clara left',
    );
    const text = `On Monday ${FORMER.replace('Boris did not agree. Clara left.', '')}`;
    const before = await changes();
    const outcome = await reanchor({ source, text });
    expect(outcome).toMatchObject({ same: 0, moved: 2, ambiguous: 0, orphaned: 1 });
    expect(outcome.source).toEqual({ ...digestAndLength(text), text: null, licence: null });
    expect(outcome.anchors).toMatchObject([
      { statement: { slug: anna }, outcome: 'MOVED', formerStart: 0, start: 10, end: 16, places: 1 },
      { statement: { slug: truce }, outcome: 'MOVED', formerStart: 17, start: 27 },
      { statement: { slug: clara }, outcome: 'ORPHANED', start: anchorOf('Clara left').start, places: 0 },
    ]);
    expect((await changes()) - before, 'changes of three statements and the source').toBe(4);

    const lost = await shown(clara as string);
    expect(lost.anchors).toEqual([{ ...anchorOf('Clara left'), status: 'ORPHANED', words: null }]);
    expect(lost.revisions.map(({ content }) => JSON.parse(content).anchors)).toEqual([
      [anchorOf('Clara left')],
    ]);
    expect(await recorder.data(LOST, { source })).toEqual({
      lostAnchors: {
        total: 1,
        anchors: [
          { statement: { slug: clara }, anchor: { status: 'ORPHANED', start: anchorOf('Clara left').start } },
        ],
      },
    });

    const again = await changes();
    expect(await reanchor({ source, text })).toMatchObject({ same: 2, orphaned: 1 });
    expect(await changes(), 'changes after the same text again').toBe(again);
    expect(await reanchor({ source, text: FORMER })).toMatchObject({ moved: 3 });
    expect(await shown(clara as string)).toMatchObject({
      anchors: [{ ...anchorOf('Clara left'), status: 'PLACED' }],
    });
  });

  it('keeps the text only where it is told to or the record has the former one, and then shows the words', async () => {
    const [source, truce] = await sourceWith({ text: FORMER }, 'a truce is near');
    expect(await shown(truce as string)).toMatchObject({ anchors: [{ words: 'a truce is near' }] });
    const second = `Corrected. ${FORMER}`;
    expect((await reanchor({ source, text: second })).source).toMatchObject({ text: second });
    expect(await shown(truce as string)).toMatchObject({
      anchors: [{ start: 28, words: 'a truce is near' }],
    });
    const third = `Again. ${FORMER}`;
    expect((await reanchor({ source, text: third, keep: false })).source).toEqual({
      ...digestAndLength(third),
      text: null,
      licence: null,
    });
    expect(await shown(truce as string)).toMatchObject({ anchors: [{ start: 24, words: null }] });
    expect((await reanchor({ source, text: FORMER, keep: true, licence: 'CC0-1.0' })).source).toMatchObject({
      text: FORMER,
      licence: 'CC0-1.0',
    });
  });

  it('does not show words from a place that has other ones than the digest tells', async () => {
    const [source] = await sourceWith({ text: FORMER });
    await record(test.db, {
      slug: 'wrong-place',
      source,
      anchors: [{ ...anchorOf('Boris'), digest: sha256('Clara') }],
    });
    expect(await shown('wrong-place')).toMatchObject({ anchors: [{ words: null }] });
  });

  it('takes a shorter text, whose end lost anchors are beyond, and lets such a statement be revised', async () => {
    const [source, clara] = await sourceWith(digestAndLength(FORMER), 'Clara left');
    expect(await reanchor({ source, text: 'Anna 🙂.' })).toMatchObject({ orphaned: 1 });
    await recorder.data(
      'mutation ($id: ID!) { reviseStatement(input: { id: $id, text: "Clara has left." }) { position } }',
      { id: clara },
    );
    expect(await shown(clara as string)).toMatchObject({ anchors: [{ status: 'ORPHANED' }] });
  });

  it('writes nothing in a dry run', async () => {
    const [source] = await sourceWith(digestAndLength(FORMER), 'Clara left');
    const before = await changes();
    expect(await reanchor({ source, text: `New. ${FORMER}`, dryRun: true })).toMatchObject({
      moved: 1,
      source: digestAndLength(FORMER),
    });
    expect(await changes()).toBe(before);
  });

  it('refuses an unknown source, and a client that may not write', async () => {
    expect(await refusal({ source: 'nowhere', text: FORMER })).toMatchObject({
      extensions: { code: 'NOT_FOUND', inputPath: ['input', 'source'] },
    });
    const { errors } = await service.ask(REANCHOR, { input: { source: 'nowhere', text: FORMER } });
    expect(errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
    const unknown = await recorder.refusal(LOST, { source: 'nowhere' });
    expect(unknown.extensions?.code).toBe('NOT_FOUND');
  });

  it('is in the history, which restores to the same record', async () => {
    const history = await exportedHistory(test.db);
    const copy = await createTestDatabase({ seeded: false });
    try {
      await restored(copy.db, history);
      expect(await exportedHistory(copy.db)).toBe(history);
    } finally {
      await copy.drop();
    }
  });

  it('leaves a record whose tables hold what its changes have made of them', async () => {
    const client = await test.db.pool.connect();
    try {
      expect((await verifyDatabase(client, null, () => undefined)).mismatches).toEqual([]);
    } finally {
      client.release();
    }
  });
});
