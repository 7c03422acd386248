import { spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathForServer, type ServerSetup, serverEnvironment } from './cluster.ts';
import { isAlive } from './dataDirectory.ts';
import { noneIf } from './fileError.ts';

/** How often the state of a process or of its file is looked at while something waits for it. */
export const POLL_INTERVAL_MS = 10;
const LOG_TAIL_BYTES_MAX = 4_096;
const FAILURE_LINES_MAX = 4;

/** One signal after the other until the server is gone: fast shutdown, immediate shutdown, kill. */
const STOP_STEPS: readonly { readonly signal: NodeJS.Signals; readonly timeMaxMs: number }[] = [
  { signal: 'SIGINT', timeMaxMs: 10_000 },
  { signal: 'SIGQUIT', timeMaxMs: 6_000 },
  { signal: 'SIGKILL', timeMaxMs: 2_000 },
];

/** Names of settings by which a server tells whose it is. PostgreSQL keeps settings with a dot for others. */
export const DATA_DIR_SETTING = 'readout.data_dir';
export const STARTER_SETTING = 'readout.started_by';

const OUR_SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  // One line every five minutes is not worth the disk in a log that nobody rotates.
  log_checkpoints: 'off',
};

/** What `postmaster.pid` says about the server of a cluster. */
export interface PidFile {
  readonly pid: number;
  readonly port: number;
  /** `starting`, `ready` or `stopping`; empty while the file is being written. */
  readonly status: string;
}

/** A PostgreSQL that this process has started. */
export interface Child {
  readonly pid: number | undefined;
  /** Why it is not running, as far as known. `undefined` while it runs. */
  readonly ended: { readonly reason: string } | undefined;
  /** The lines of its log since it was started that tell why it ended. */
  failure(): Promise<string>;
}

/** Reads `postmaster.pid`; `undefined` where there is none. The server it names may have ended long ago. */
async function readPidFile(cluster: string): Promise<PidFile | undefined> {
  const content = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(noneIf('ENOENT'));
  if (content === undefined) return undefined;
  const lines = content.split('\n');
  return { pid: Number(lines[0]), port: Number(lines[3]), status: lines[7]?.trim() ?? '' };
}

/** The server that runs on a cluster, in whichever state; `undefined` where none does. */
export async function runningServer(cluster: string): Promise<PidFile | undefined> {
  const server = await readPidFile(cluster);
  return server !== undefined && (await isPostmaster(server.pid)) ? server : undefined;
}

/**
 * Tells whether a process is a PostgreSQL server. Where the system shows command lines (Linux), numbers that
 * now belong to another program, and ended processes that nobody has collected, are told apart.
 */
async function isPostmaster(pid: number): Promise<boolean> {
  if (!(pid > 0) || !isAlive(pid)) return false;
  if (process.platform !== 'linux') return true;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(
    noneIf('ENOENT', 'ESRCH', 'EACCES'),
  );
  // A process that hides its command line is taken for what the file says.
  if (commandLine === undefined) return isAlive(pid);
  return ['postgres', 'postmaster'].includes(basename(commandLine.split('\0')[0] ?? ''));
}

/**
 * Starts `postgres` in a process group of its own, so that Ctrl-C reaches only the service, which stops it
 * when it has drained. It writes to a file, not to a pipe that could break, and does not keep this process
 * running.
 *
 * @param port TCP port to listen on; by default a free one.
 */
export async function spawnPostmaster(setup: ServerSetup, port?: number): Promise<Child> {
  const { directory, binaries, account } = setup;
  const settings = {
    ...OUR_SETTINGS,
    ...setup.settings,
    port: String(port ?? (await findFreePort())),
    [DATA_DIR_SETTING]: directory.path,
    [STARTER_SETTING]: String(process.pid),
  };
  const stale = await readPidFile(directory.cluster);
  // PostgreSQL would take an unrelated process that got the number of the dead server for that server, as is
  // common in containers. The caller has seen that it is not one, and this variable tells PostgreSQL so.
  const notAServer = stale === undefined ? {} : { PG_GRANDPARENT_PID: String(stale.pid) };
  const path = await pathForServer(directory.cluster, account);
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const log = await open(directory.logFile, 'a', 0o600);
  try {
    const { size: logStartBytes } = await log.stat();
    const child = spawn(binaries.postgres, ['-D', path, ...flags], {
      ...account,
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
 * Stops a server and waits until its process is gone. Takes at most the sum of `STOP_STEPS`, 18 s.
 *
 * @throws Error where even SIGKILL did not end it.
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
  throw new Error(`PostgreSQL (process ${pid}) could not be stopped.`);
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
    const telling = lines.filter((line) => /\b(FATAL|PANIC|HINT|DETAIL): /.test(line));
    return (telling.length > 0 ? telling : lines)
      .slice(-FAILURE_LINES_MAX)
      .map((line) => line.replace(/^[-\d]+ [:.\d]+ UTC \[\d+\] /, ''))
      .join(' ');
  } finally {
    await log.close();
  }
}
