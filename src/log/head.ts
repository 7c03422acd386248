import type pg from 'pg';
import type { Head } from './cursor.ts';

/** $1: a position; null for the head. The digest is null where the record has no such change. */
const READ_CHANGE = `
  SELECT encode(head.genesis, 'hex') AS genesis, head.position AS head,
    encode(CASE WHEN wanted.position <= head.position THEN coalesce(change.digest, head.genesis) END, 'hex') AS digest
  FROM head CROSS JOIN LATERAL (SELECT coalesce($1::bigint, head.position) AS position) AS wanted
  LEFT JOIN change ON change.position = wanted.position`;

interface Row {
  readonly genesis: string;
  readonly head: string;
  readonly digest: string | null;
}

type Connection = Pick<pg.ClientBase, 'query'>;

async function read(connection: Connection, position: bigint | null): Promise<Row> {
  const { rows } = await connection.query<Row>({
    name: 'read change',
    text: READ_CHANGE,
    values: [position],
  });
  const [row] = rows;
  if (!row) throw new Error('the table head is empty');
  return row;
}

/** The last committed change of the record. */
export async function readHead(connection: Connection): Promise<Head> {
  const { genesis, head, digest } = await read(connection, null);
  return { genesis, position: BigInt(head), digest: digest ?? genesis };
}

/** The digest of the change at a position; null where the record has no such change. */
export async function readDigest(connection: Connection, position: bigint): Promise<string | null> {
  return (await read(connection, position)).digest;
}
