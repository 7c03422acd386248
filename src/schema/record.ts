import { VERSION } from '../config/version.ts';
import { epochOf, formatCursor, type Head } from '../log/cursor.ts';
import { builder } from './builder/builder.ts';
import { CURRENT } from './builder/collected.ts';

const count = (noun: string) => `Number of ${noun} in the record.`;
const countCurrent = (noun: string) => `${count(noun)} Withdrawn ones do not count.`;

const RecordRef = builder.objectRef<Head>('Record').implement({
  description: 'The record as a whole.',
  fields: (t) => ({
    position: t.field({
      type: 'Position',
      description:
        'Position of its last change, read before any other data of this answer; "0" if it is empty.',
      resolve: (head) => head.position,
    }),
    cursor: t.string({
      description:
        'The position as a cursor, with the beginning of the digest, which identifies the history up to it. ' +
        'Subscribe with it as `after` to miss nothing.',
      resolve: (head) => formatCursor(head),
    }),
    digest: t.exposeString('digest', {
      description:
        'Digest of its last change, SHA-256 in hexadecimal, chained to all changes before it. A copy of it proves later what the record contained now.',
    }),
    genesis: t.exposeString('genesis', {
      description:
        'The beginning of the chain: a random SHA-256 in hexadecimal, used as the digest of position 0.',
    }),
    epoch: t.string({
      description: 'Name of this record, the beginning of `genesis`; a restored backup keeps it.',
      resolve: (head) => epochOf(head),
    }),
    statements: t.int({
      description: `${count('statements')} Retracted statements count.`,
      resolve: (_, __, { db }) => db.prisma.statement.count(),
    }),
    actors: t.int({
      description: countCurrent('actors'),
      resolve: (_, __, { db }) => db.prisma.actor.count({ where: CURRENT }),
    }),
    topics: t.int({
      description: countCurrent('topics'),
      resolve: (_, __, { db }) => db.prisma.topic.count({ where: CURRENT }),
    }),
    sources: t.int({
      description: countCurrent('sources'),
      resolve: (_, __, { db }) => db.prisma.source.count({ where: CURRENT }),
    }),
    events: t.int({
      description: countCurrent('events'),
      resolve: (_, __, { db }) => db.prisma.event.count({ where: CURRENT }),
    }),
    collections: t.int({
      description: `${count('collections')} Retracted ones do not count.`,
      resolve: (_, __, { db }) => db.prisma.collection.count({ where: CURRENT }),
    }),
    version: t.string({ description: 'Version of the service.', resolve: () => VERSION }),
  }),
});

builder.queryFields((t) => ({
  record: t.field({
    type: RecordRef,
    description: 'The position and the size of the record.',
    resolve: (_, __, { head }) => head,
  }),
}));
