import { afterEach, describe, expect, it } from 'vitest';
import { retractStatement } from '../../src/domain/statement/retract.ts';
import { reviseStatement } from '../../src/domain/statement/revise.ts';
import { headCursor } from '../support/cursor.ts';
import type { TestDatabase } from '../support/database.ts';
import { type Received, TestSocket } from '../support/follow.ts';
import { recordSql } from '../support/graphql.ts';
import type { TestService } from '../support/service.ts';
import { until } from '../support/until.ts';
import { useService } from '../support/useService.ts';
import { record } from '../support/world.ts';

/** Every field of a statement that is one of its own or one of its lists. */
const FIELDS = `id slug text quote language mode act status position recordedAt said { edtf earliest latest }
  speakers { slug } addressees { slug } attribution { actor { slug } form } topics { topic { slug } stance }
  events { slug } source { slug } givers { slug }`;
const FOLLOWED = `subscription ($after: Position) {
  recordChanged(after: $after) { cursor previous position kind statement { ${FIELDS} } }
}`;
/** One that has something in every field. */
const FULL = {
  slug: 'full',
  text: 'Anna says “a truce ✓ is near”.',
  quote: 'a truce ✓ is near',
  language: 'en',
  mode: 'MIXED',
  act: 'PLEDGE',
  speakers: ['boris', 'anna'],
  addressees: ['clara'],
  attribution: [
    { actor: 'anna', form: 'REMARKS' },
    { actor: 'daily-news', form: 'REPORT' },
    { actor: 'anna', form: 'VIDEO' },
  ],
  said: '2025-07',
  topics: [{ topic: 'truce', stance: 'SUPPORTS' }, { topic: 'trade' }, { topic: 'peace', stance: 'MIXED' }],
  events: ['talks', 'summit'],
  source: 'second-source',
};

interface WithLists {
  readonly speakers: readonly { readonly statements: { readonly nodes: readonly unknown[] } }[];
}

let test: TestDatabase;
let service: TestService;
const sockets: TestSocket[] = [];

useService('world', (used) => {
  ({ test, service } = used);
});
afterEach(() => Promise.all(sockets.splice(0).map((socket) => socket.close())));

async function follow(after: string): Promise<Received> {
  const socket = new TestSocket(service.origin);
  sockets.push(socket);
  const received = socket.follow({ query: FOLLOWED, variables: { after } });
  await until('a reader', () => service.hub.counts.readers > 0);
  return received;
}

async function head(): Promise<string> {
  return headCursor(test.db);
}

/** A statement as a query gives it. */
async function queried(slug: string): Promise<unknown> {
  const { data } = await service.ask<{ statement: unknown }>(
    `query ($slug: String!) { statement(slug: $slug) { ${FIELDS} } }`,
    { slug },
  );
  return data?.statement;
}

describe('a delivered statement', () => {
  it('is what a query gives, when it is recorded, revised and retracted, and costs no SQL but the log', async () => {
    const received = await follow(await head());
    const texts = recordSql(service.liveDb);
    const before = texts.length;
    const steps = [
      () => record(test.db, FULL),
      () => record(test.db, { slug: 'bare' }),
      ...[{ text: 'Anna hopes so.', topics: [], attribution: [] }, { act: 'WARN' }].map(
        (fields) => () =>
          test.db.prisma.$transaction(async (tx) => {
            const { id } = await tx.statement.findUniqueOrThrow({ where: { slug: 'full' } });
            await reviseStatement(tx, id, fields, null, 'test');
          }),
      ),
      () =>
        test.db.prisma.$transaction(async (tx) => {
          const { id } = await tx.statement.findUniqueOrThrow({ where: { slug: 'full' } });
          await retractStatement(tx, id, 'Wrong.', 'test');
        }),
    ];
    for (const [i, step] of steps.entries()) {
      await step();
      await received.count(i + 1);
      const sql = texts.slice(before);
      const statement = received.changes[i]?.statement;
      expect(sql).toEqual([]);
      expect(statement).toEqual(await queried(statement?.slug ?? ''));
    }
    expect(received.failures).toEqual([]);
  });

  it('has the lists that each reader asks for with its own variables', async () => {
    const query = `subscription ($first: Int, $after: Position) { recordChanged(after: $after) {
      cursor previous position kind statement { slug speakers { statements(first: $first) { nodes { slug } } } }
    } }`;
    const after = await head();
    const sizes = [1, 2, 3];
    const readers = sizes.map((first) => {
      const socket = new TestSocket(service.origin);
      sockets.push(socket);
      return socket.follow({ query, variables: { first, after } });
    });
    await until(`${sizes.length} readers`, () => service.hub.counts.readers >= sizes.length);
    for (let i = 1; i <= 4; i += 1) {
      await record(test.db, { slug: `listed-${i}` });
      await Promise.all(readers.map((received) => received.count(i)));
    }
    for (const [i, { changes }] of readers.entries()) {
      const statements = changes.map(({ statement }) => statement as unknown as WithLists);
      const lengths = statements.map(({ speakers: [first] }) => first?.statements.nodes.length);
      expect(lengths.slice(2)).toEqual([sizes[i], sizes[i]]);
    }
  });

  it('is the current statement if it was changed again before it was read', async () => {
    const after = await head();
    const { id } = await record(test.db, { ...FULL, slug: 'changed-again' });
    await test.db.prisma.$transaction((tx) => reviseStatement(tx, id, { text: 'Later.' }, null, 'test'));
    const received = await follow(after);
    await received.count(2);
    const now = await queried('changed-again');
    expect(received.changes.map(({ statement }) => statement)).toEqual([now, now]);
  });
});
