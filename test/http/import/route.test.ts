import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { performance } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CHECKED_ENTRY_POINTS,
  IMPORT_POINTS,
  LINE_POINTS,
  REFUSAL_POINTS,
  REQUEST_POINTS,
} from '../../../src/http/cost/prices.ts';
import type { ImportReport, Refusal } from '../../../src/import/report.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { DNA_TEXT, withDnaFile } from '../../support/dnaFile.ts';
import { untilWaitingForLock } from '../../support/locks.ts';
import { bearer, countPaid, startTestService, type TestService } from '../../support/service.ts';
import { until } from '../../support/until.ts';

let test: TestDatabase;
let service: TestService;
let recorder: { authorization: string };

beforeAll(async () => {
  test = await createTestDatabase({ seeded: false });
  service = await startTestService(test.url);
  recorder = await bearer(test.db, 'recorder', 'importer');
});
afterAll(async () => {
  await service.stop();
  await test.drop();
});

const actors = (from: number, to: number): string =>
  Array.from(
    { length: to - from },
    (_, i) =>
      `${JSON.stringify({ actor: { slug: `a-${from + i}`, name: `A ${from + i}`, kind: 'PERSON' } })}\n`,
  ).join('');

const post = (
  body: string | Uint8Array<ArrayBuffer>,
  query = '',
  headers: Record<string, string> = recorder,
): Promise<Response> => fetch(`${service.origin}/import${query}`, { method: 'POST', body, headers });

type Event = {
  report?: ImportReport;
  refusal?: Refusal;
  progress?: { handled: number };
  error?: { code: string };
};
const eventsOf = (text: string): Event[] =>
  text
    .split('\n')
    .filter((line) => line.trim())
    .map((line) => JSON.parse(line) as Event);

/** An import whose body the test sends piece by piece. */
async function begin(
  authorization: string,
): Promise<{ sending: ClientRequest; answer: IncomingMessage; read: () => Promise<Event[]> }> {
  const sending = request(`${service.origin}/import`, { method: 'POST', headers: { authorization } });
  sending.on('error', () => undefined);
  sending.flushHeaders();
  const [answer] = (await once(sending, 'response')) as [IncomingMessage];
  let text = '';
  answer.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  const ended = new Promise((resolve) => answer.once('close', resolve));
  return { sending, answer, read: () => ended.then(() => eventsOf(text)) };
}

const countActors = (): Promise<number> => test.db.prisma.actor.count();

describe('POST /import', () => {
  it('answers with progress, refusals and the report, as lines or as server-sent events', async () => {
    const body = `${actors(0, 3)}{"actor":{"slug":"x"}}\nnonsense\n`;
    const response = await post(body);
    expect(response.headers.get('content-type')).toContain('application/x-ndjson');
    const events = eventsOf(await response.text());
    expect(
      events.flatMap(({ refusal }) => refusal ?? []).map(({ file, line, path }) => [file, line, path]),
    ).toEqual([
      ['body', 5, ''],
      ['body', 4, 'name'],
      ['body', 4, 'kind'],
    ]);
    expect(events.at(-1)?.report).toMatchObject({
      complete: true,
      refused: 2,
      entries: { actor: { added: 3, refused: 1 } },
    });
    expect(events.some(({ progress }) => progress?.handled === 5)).toBe(true);
    const stream = await (await post(body, '', { ...recorder, accept: 'text/event-stream' })).text();
    expect(stream.match(/^event: \w+$/gm)).toEqual(
      expect.arrayContaining(['event: progress', 'event: refusal', 'event: report']),
    );
    expect(JSON.parse(stream.split('event: report\ndata: ')[1] as string)).toMatchObject({
      entries: { actor: { unchanged: 3 } },
    });
  });

  it('has a price, whatever it brings', async () => {
    const clerk = await bearer(test.db, 'recorder', 'clerk of nothing');
    const paid = countPaid(service);
    await (await post('', '', clerk)).text();
    expect(paid()).toBeGreaterThan(REQUEST_POINTS + IMPORT_POINTS);
  });

  it('pays for each refusal', async () => {
    const clerk = await bearer(test.db, 'recorder', 'clerk');
    const paid = countPaid(service);
    const events = eventsOf(await (await post('{bad\n'.repeat(2_000), '', clerk)).text());
    expect(events.filter(({ refusal }) => refusal)).toHaveLength(2_000);
    expect(paid()).toBeGreaterThan(1_000 * (LINE_POINTS + REFUSAL_POINTS));
  });

  it('pays for each entry that is checked, and for the SQL of the last ones', async () => {
    const clerk = await bearer(test.db, 'recorder', 'clerk of entries');
    await (await post(actors(0, 1), '', clerk)).text(); // the token is known from here on
    const paid = countPaid(service);
    const locked = await test.db.pool.connect();
    await locked.query('BEGIN; SELECT FROM head FOR UPDATE');
    const answered = post(actors(30, 33), '', clerk).then((response) => response.text());
    await untilWaitingForLock(test.db.pool, 1);
    // SQL is charged for the time in which the event loop is idle, which is little on a busy machine.
    const { idleTime } = performance.nodeTiming;
    await until('an idle event loop', () => performance.nodeTiming.idleTime - idleTime > 500);
    await locked.query('ROLLBACK');
    locked.release();
    expect(eventsOf(await answered).at(-1)?.report?.entries.actor).toMatchObject({ added: 3 });
    expect(paid()).toBeGreaterThan(100_000 + 3 * CHECKED_ENTRY_POINTS);
  });

  it('writes nothing as a dry run, and reads other formats', async () => {
    const before = await countActors();
    expect(eventsOf(await (await post(actors(10, 12), '?dryRun=true')).text()).at(-1)?.report).toMatchObject({
      dryRun: true,
      entries: { actor: { added: 2 } },
    });
    expect(await countActors()).toBe(before);
    const seed = 'actors:\n  - { slug: a-20, name: A, kind: PERSON }\n  - { slug: a-21, name: B }\n';
    expect(eventsOf(await (await post(seed, '?format=seed')).text()).at(-1)?.report).toMatchObject({
      entries: { actor: { added: 1 } },
      refusals: [{ line: 3, path: 'kind' }],
    });
  });

  it('takes a DNA file, a mapping and the texts that may be kept, as the command does', async () => {
    const coder = await bearer(test.db, 'recorder', 'coder');
    const load = async (body: Uint8Array<ArrayBuffer> | string, query: string) =>
      eventsOf(await (await post(body, query, coder)).text()).at(-1);
    const dna = new Uint8Array(await withDnaFile(3, (path) => readFile(path)));
    const query = '?format=dna&keepText=true&collection=network&title=A%20network&licence=CC0-1.0';
    const { report } = (await load(dna, query)) ?? {};
    expect(report).toMatchObject({ complete: true, collection: 'network' });
    expect(report?.entries.statement.added).toBeGreaterThan(1);
    expect((await load(dna, query))?.report?.entries.statement).toMatchObject({
      added: 0,
      unchanged: report?.entries.statement.added,
    });
    expect(
      await test.db.prisma.source.findFirst({ where: { text: DNA_TEXT }, select: { collection: true } }),
    ).toMatchObject({ collection: { slug: 'network', title: 'A network', licence: 'CC0-1.0' } });
    expect((await load('no database', '?format=dna'))?.error).toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringMatching(/^body /),
    });
    const map = {
      columns: {
        Words: 'text',
        Who: 'mention.as',
        When: { to: 'said', date: 'D.M.YYYY' },
        Paper: 'source.title',
      },
      constants: { mode: 'INDIRECT', act: 'STATE' },
    };
    const table = 'Words;Who;When;Paper\nHello;Mr. X;1.7.2025;Gazette of maps\n';
    const mapped = await load(table, `?format=csv&map=${encodeURIComponent(JSON.stringify(map))}`);
    expect(mapped?.report).toMatchObject({ refusals: [], entries: { statement: { added: 1 } } });
  });

  it.each([
    ['with a mapping of another format', '?map=%7B%7D', null, 400, 'INVALID_INPUT'],
    ['with the title of no collection', '?title=Papers', null, 400, 'INVALID_INPUT'],
    ['without a token', '', {}, 401, 'UNAUTHENTICATED'],
    ['with an unknown format', '?format=docx', null, 400, 'INVALID_INPUT'],
    ['with an unknown parameter', '?dry=true', null, 400, 'INVALID_INPUT'],
  ])('is refused %s', async (_, query, headers, status, code) => {
    const response = await post(actors(0, 1), query, headers ?? recorder);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code } }] });
  });

  it('is refused to a reader, and for another method', async () => {
    expect((await post(actors(0, 1), '', await bearer(test.db, 'reader'))).status).toBe(403);
    expect((await fetch(`${service.origin}/import`, { headers: recorder })).status).toBe(405);
  });

  it('runs once for each token, and imports while the body arrives', async () => {
    const before = await countActors();
    const first = await begin(recorder.authorization);
    first.sending.write(actors(1_000, 1_501));
    await until('the first batch is recorded', async () => (await countActors()) >= before + 500);
    const second = await post(actors(0, 1));
    expect(second.status).toBe(503);
    first.sending.end();
    expect((await first.read()).at(-1)?.report).toMatchObject({
      complete: true,
      entries: { actor: { added: 501 } },
    });
    expect((await post(actors(0, 1))).status, 'there is a place again').toBe(200);
  });

  it('takes an actor that was merged, and what names it, as the one that remains', async () => {
    const bob = (more: object = {}): object => ({
      actor: { slug: 'bob-old', name: 'Robert Old', kind: 'PERSON', aliases: [{ name: 'Bobby' }], ...more },
    });
    const statement = (key: string, speaker: string): object => ({
      statement: {
        ...{ key, text: `Words ${key}.`, speakers: [speaker], said: '2025-07-01', source: 'merge-paper' },
        ...{ mode: 'INDIRECT', act: 'STATE' },
      },
    });
    const file = (header: object, old: object, ...more: object[]): string =>
      [
        { readout: 1, collection: { slug: 'merge-set' }, ...header },
        { actor: { slug: 'bob', name: 'Bob', kind: 'PERSON', aliases: [{ name: 'B.' }] } },
        old,
        { actor: { slug: 'bobs', name: 'Bobs', kind: 'ORGANISATION' } },
        {
          actor: {
            slug: 'aide',
            name: 'Aide',
            kind: 'PERSON',
            affiliations: [{ in: 'bob-old', role: 'Aide' }],
          },
        },
        { source: { slug: 'merge-paper', title: 'Paper', publisher: 'bob-old' } },
        statement('m-1', 'bob-old'),
        statement('m-2', 'bob'),
        ...more,
      ]
        .map((line) => `${JSON.stringify(line)}\n`)
        .join('');
    const merger = await bearer(test.db, 'recorder', 'merger');
    const load = async (body: string) => eventsOf(await (await post(body, '', merger)).text()).at(-1)?.report;
    expect(await load(file({}, bob()))).toMatchObject({ refusals: [], entries: { actor: { added: 4 } } });
    const merge = `mutation { mergeActors(input: { from: "bob-old", into: "bob", reason: "The same." }) { isComplete } }`;
    const { errors } = await service.ask(merge, {}, recorder);
    expect(errors).toBeUndefined();
    const unchanged = { changed: 0, refused: 0, added: 0, gone: 0 };
    for (const header of [{}, { recognise: true }])
      expect(await load(file(header, bob())), JSON.stringify(header)).toMatchObject({
        refusals: [],
        entries: {
          actor: { unchanged: 4, ...unchanged },
          source: { unchanged: 1, ...unchanged },
          statement: { unchanged: 2, ...unchanged },
        },
      });
    const changed = file(
      {},
      bob({ description: 'A clerk.', aliases: [{ name: 'Rob' }] }),
      statement('m-3', 'bob-old'),
    );
    expect(await load(changed)).toMatchObject({
      entries: { actor: { unchanged: 3, changed: 1 }, statement: { added: 1 } },
    });
    const { data } = await service.ask(
      '{ actor(slug: "bob-old") { slug name description aliases { name } statements { nodes { slug } } } }',
    );
    expect(data).toEqual({
      actor: {
        slug: 'bob',
        name: 'Bob',
        description: 'A clerk.',
        aliases: ['B.', 'Robert Old', 'Bobby', 'Rob'].map((name) => ({ name })),
        statements: { nodes: [expect.anything(), expect.anything(), expect.anything()] },
      },
    });
  });

  it('checks the dates of links when the statements of the file have their new dates', async () => {
    const dated = (slug: string, said: string, to?: string): string =>
      `${JSON.stringify({
        statement: {
          ...{ slug, text: `Words ${slug}.`, speakers: ['dated'], said, source: 'dated-paper' },
          ...{ mode: 'INDIRECT', act: 'STATE', ...(to && { links: [{ to, kind: 'ECHOES' }] }) },
        },
      })}\n`;
    const nouns = `${JSON.stringify({ actor: { slug: 'dated', name: 'Dated', kind: 'PERSON' } })}\n${JSON.stringify({ source: { slug: 'dated-paper', title: 'Dated' } })}\n`;
    const editor = await bearer(test.db, 'recorder', 'editor');
    const load = async (body: string) => eventsOf(await (await post(body, '', editor)).text()).at(-1)?.report;
    const chain = (month: string): string =>
      dated('d-1', `2025-${month}-01`) +
      dated('d-2', `2025-${month}-02`, 'd-1') +
      dated('d-3', `2025-${month}-03`, 'd-2');
    expect(await load(nouns + chain('05'))).toMatchObject({ entries: { statement: { added: 3 } } });
    for (const month of ['08', '02'])
      expect(await load(chain(month)), month).toMatchObject({
        refusals: [],
        entries: { statement: { changed: 3 } },
      });
    // “d-4” is later than the new date of “d-3” only.
    const moved = dated('d-4', '2025-01-15', 'd-3') + chain('01');
    expect(await load(moved)).toMatchObject({
      refusals: [],
      entries: { statement: { added: 1, changed: 3 } },
    });
  });

  it('ends when its client has gone in the middle of the body', async () => {
    const { sending } = await begin(recorder.authorization);
    sending.write(actors(2_000, 2_010));
    sending.destroy();
    await until('the import has left its place', async () => (await post(actors(0, 1))).status === 200);
    expect(service.masked).toEqual([]);
  });

  it('ends with its report when the service stops', async () => {
    const other = await createTestDatabase({ seeded: false });
    const stopping = await startTestService(other.url);
    const { authorization } = await bearer(other.db, 'recorder');
    const sending = request(`${stopping.origin}/import`, { method: 'POST', headers: { authorization } });
    sending.on('error', () => undefined);
    sending.write(actors(0, 501));
    const [answer] = (await once(sending, 'response')) as [IncomingMessage];
    let text = '';
    answer.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    const ended = new Promise((resolve) => answer.once('close', resolve));
    await until('the first batch is recorded', async () => (await other.db.prisma.actor.count()) === 500);
    await stopping.stop();
    await ended;
    const events = eventsOf(text);
    expect(events.find(({ report }) => report)?.report).toMatchObject({
      complete: false,
      stoppedAt: { file: 'body', line: 500 },
      entries: { actor: { added: 500 } },
    });
    expect(events.at(-1)?.error?.code).toBe('UNAVAILABLE');
    await other.drop();
  });
});
