import { readFile } from 'node:fs/promises';
import type { Database } from '../../src/db/client.ts';
import { cpuMs } from '../measure.ts';

/** The unit of /proc/PID/stat. */
const TICK_MS = 10;

/** The parent of all PostgreSQL processes. Checks that fsync and synchronous_commit are on. */
export async function findPostmaster({ pool }: Database): Promise<number> {
  const { rows } = await pool.query<{ pid: number; durable: boolean }>(
    `SELECT pg_backend_pid() AS pid,
       current_setting('fsync')::boolean AND current_setting('synchronous_commit') = 'on' AS durable`,
  );
  const [found] = rows;
  if (!found?.durable)
    throw new Error('PostgreSQL does not wait for the disk; these writes would not be real');
  return Number(/PPid:\s+(\d+)/.exec(await readFile(`/proc/${found.pid}/status`, 'utf8'))?.[1]);
}

/** CPU milliseconds of all the server's processes, including ended ones. */
export async function postgresCpuMs(postmaster: number): Promise<number> {
  const children = (await readFile(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8')).split(' ');
  const times = await Promise.all(
    children.filter(Boolean).map((pid) => cpuMs(Number(pid)).catch(() => 0)), // has ended
  );
  const fields = (await readFile(`/proc/${postmaster}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  const endedTicks = Number(fields[13]) + Number(fields[14]); // cutime and cstime
  return times.reduce((sum, time) => sum + time, endedTicks * TICK_MS);
}
