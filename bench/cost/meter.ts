import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { cpuMs } from '../measure.ts';

const TICKS_PER_SECOND = 100;

/** CPU of a service and of the PostgreSQL processes that work for it. Linux only, and PostgreSQL on the same machine. */
export class Meter {
  readonly #pid: number;
  readonly #client: pg.Client;
  #postmaster = 0;

  constructor(servicePid: number, databaseUrl: string) {
    this.#pid = servicePid;
    this.#client = new pg.Client({ connectionString: databaseUrl, application_name: 'meter' });
  }

  async start(): Promise<void> {
    await this.#client.connect();
    const { rows } = await this.#client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    this.#postmaster = Number((await stat(rows[0]?.pid ?? 0))[1]);
  }

  async stop(): Promise<void> {
    await this.#client.end();
  }

  /** CPU that the service used so far, in milliseconds. */
  async serviceMs(): Promise<number> {
    return cpuMs(this.#pid);
  }

  /** CPU used so far, in milliseconds: by the service, and for its SQL. */
  async read(): Promise<{ service: number; sql: number }> {
    const { rows } = await this.#client.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE application_name IN ('readout', 'readout export') ORDER BY pid`,
    );
    // One that has ended counts with the server that it belonged to.
    const backends = await Promise.all(rows.map(({ pid }) => cpuMs(pid).catch(() => 0)));
    // Parallel workers have ended by now, and count with the one that made them.
    const ended = (await stat(this.#postmaster)).slice(13, 15).reduce((sum, ticks) => sum + Number(ticks), 0);
    return {
      service: await cpuMs(this.#pid),
      sql: backends.reduce((sum, ms) => sum + ms, 0) + (ended * 1_000) / TICKS_PER_SECOND,
    };
  }
}

/** Fields of /proc/PID/stat from the state on: the name before it can hold anything. */
async function stat(pid: number): Promise<string[]> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}
