import { spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathForServer, type ServerSetup, serverEnvironment } from './cluster.ts';
import { isAlive } from './dataDirectory.ts';
import { noneIf } from './systemError.ts';

/** How often a process or its file is checked while something waits for it. */
export const POLL_INTERVAL_MS = 10;
const LOG_TAIL_BYTES_MAX = 4_096;
const FAILURE_LINES_MAX = 4;

/** The signals that are sent until the server has ended: fast shutdown, immediate shutdown, kill. */
const STOP_STEPS: readonly { readonly signal: NodeJS.Signals; readonly timeMaxMs: number }[] = [
  { signal: 'SIGINT', timeMaxMs: 10_000 },
  { signal: 'SIGQUIT', timeMaxMs: 6_000 },
  { signal: 'SIGKILL', timeMaxMs: 2_000 },
];

/** Settings that name the owner of a server. PostgreSQL reserves names with a dot for other programs. */
export const DATA_DIR_SETTING = 'readout.data_dir';
export const STARTER_SETTING = 'readout.started_by';

/** Connections that a server accepts, at least. */
export const CONNECTIONS_MIN = 100;

const SETTINGS_DEFAULT: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: String(CONNECTIONS_MIN),
  // The log is not rotated, so it should not get a line every five minutes.
  log_checkpoints: 'off',
};

/** The content of `postmaster.pid`, which describes the server of a cluster. */
export interface PidFile {
  readonly pid: number;
  readonly port: number;
  /** `starting`, `ready` or `stopping`. Empty while the file is being written. */
  readonly status: string;
}

/** A PostgreSQL server that this process has started. */
export interface Child {
  readonly pid: number | undefined;
  /** Why it does not run, as far as known; undefined while it runs. */
  readonly ended: { readonly reason: string } | undefined;
  /** The lines of its log since its start that say why it ended. */
  failure(): Promise<string>;
}

/** Reads `postmaster.pid`; undefined where there is none. The server it names may have ended long ago. */
async function readPidFile(cluster: string): Promise<PidFile | undefined> {
  const content = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(noneIf('ENOENT'));
  if (content === undefined) return undefined;
  const lines = content.split('\n');
  return { pid: Number(lines[0]), port: Number(lines[3]), status: lines[7]?.trim() ?? '' };
}

/** The server that runs on a cluster, in any state; undefined where none runs. */
export async function runningServer(cluster: string): Promise<PidFile | undefined> {
  const server = await readPidFile(cluster);
  return server !== undefined && (await isPostmaster(server.pid)) ? server : undefined;
}

/**
 * Whether a process is a PostgreSQL server. On Linux its command line is checked, since its number may belong to
 * another program by now, or to a zombie process.
 */
async function isPostmaster(pid: number): Promise<boolean> {
  if (!(pid > 0) || !isAlive(pid)) return false;
  if (process.platform !== 'linux') return true;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(
    noneIf('ENOENT', 'ESRCH', 'EACCES'),
  );
  // If the command line is not readable, the file is believed.
  if (commandLine === undefined) return isAlive(pid);
  return ['postgres', 'postmaster'].includes(basename(commandLine.split('\0')[0] ?? ''));
}

/**
 * Starts `postgres` in a process group of its own. So Ctrl-C reaches only the service, which stops the server as the
 * last step of its own stop. The server logs to a file, since a pipe would break when this process ends, and does not
 * keep this process running.
 * @param port TCP port to listen on; by default a free one.
 */
export async function spawnPostmaster(setup: ServerSetup, port?: number): Promise<Child> {
  const { directory, binaries, user } = setup;
  const settings = {
    ...SETTINGS_DEFAULT,
    ...setup.settings,
    port: String(port ?? (await findFreePort())),
    [DATA_DIR_SETTING]: directory.path,
    [STARTER_SETTING]: String(process.pid),
  };
  const stale = await readPidFile(directory.cluster);
  // In containers, an unrelated process often gets the number of the dead server, and PostgreSQL would take it for that
  // server. The caller has checked that it is not, and this variable makes PostgreSQL ignore it.
  const notAServer = stale === undefined ? {} : { PG_GRANDPARENT_PID: String(stale.pid) };
  const path = pathForServer(directory.cluster, user);
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const log = await open(directory.logFile, 'a', 0o600);
  try {
    const { size: logStartBytes } = await log.stat();
    const child = spawn(binaries.postgres, ['-D', path, ...flags], {
      ...user,
      cwd: directory.cluster,
      env: { ...serverEnvironment(), ...notAServer },
      stdio: ['ignore', log.fd, log.fd],
      detached: true,
      windowsHide: true,
    });
    let ended: Child['ended'];
    child.on('error', (error) => {
      ended = { reason: error.message };
    });
    child.on('exit', (code, signal) => {
      ended = { reason: `ended with ${signal ?? `code ${code}`}` };
    });
    child.unref();
    return {
      pid: child.pid,
      get ended() {
        return ended;
      },
      failure: async () => (await readFailure(directory.logFile, logStartBytes)) || (ended?.reason ?? ''),
    };
  } finally {
    await log.close();
  }
}

/**
 * Stops a server and waits until its process has ended: at most the sum of `STOP_STEPS`, 18 s.
 * @throws Error where SIGKILL did not end it either.
 */
export async function stopPostmaster(pid: number): Promise<void> {
  for (const { signal, timeMaxMs } of STOP_STEPS) {
    if (!(await isPostmaster(pid))) return;
    try {
      process.kill(pid, signal);
    } catch (error) {
      noneIf('ESRCH')(error);
    }
    const endMs = performance.now() + timeMaxMs;
    while (performance.now() < endMs) {
      if (!(await isPostmaster(pid))) return;
      await setTimeout(POLL_INTERVAL_MS);
    }
  }
  throw new Error(`PostgreSQL (process ${pid}) can't be stopped.`);
}

async function findFreePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', resolve);
  });
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('A TCP socket has no port.');
  return address.port;
}

async function readFailure(logFile: string, fromByte: number): Promise<string> {
  const log = await open(logFile, 'r');
  try {
    const { size } = await log.stat();
    const length = Math.min(Math.max(size - fromByte, 0), LOG_TAIL_BYTES_MAX);
    const { buffer } = await log.read(Buffer.alloc(length), 0, length, size - length);
    const lines = buffer.toString('utf8').split('\n').filter(Boolean);
    const relevant = lines.filter((line) => /\b(FATAL|PANIC|HINT|DETAIL): /.test(line));
    return (relevant.length > 0 ? relevant : lines)
      .slice(-FAILURE_LINES_MAX)
      .map((line) => line.replace(/^[-\d]+ [:.\d]+ UTC \[\d+\] /, ''))
      .join(' ');
  } finally {
    await log.close();
  }
}
