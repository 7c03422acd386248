import { access, constants, readFile, stat, statfs } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { Config } from '../config/config.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const NODE_MIN: readonly [major: number, minor: number] = [20, 19];
const MEGABYTE = 1_048_576;
/** Memory of one process under load, with room for its caches. */
const PROCESS_MEMORY_MEGABYTES = 900;
/** Open files below which subscribers are refused by the system before a limit of the service is reached. */
const OPEN_FILES_MIN = 10_000;
const DISK_MEGABYTES_MIN = 1_024;
const DISK_SHARE_MIN = 0.1;

/** Checks the machine that this process runs on. */
export async function checkMachine(config: Config): Promise<Finding[]> {
  const findings = [checkNode(process.versions.node), checkMemory(availableMegabytes(), config.workers)];
  const files = await openFilesMax();
  if (files !== null) findings.push(checkOpenFiles(files));
  if (config.databaseUrl === undefined) findings.push(...(await checkDisk(config.dataDir)));
  return findings;
}

export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [majorMin, minorMin] = NODE_MIN;
  const isEnough = major > majorMin || (major === majorMin && minor >= minorMin);
  return isEnough
    ? ok('Node.js', version)
    : fail('Node.js', `${version} is too old`, `Install ${NODE_MIN.join('.')} or a newer version.`);
}

/** The memory that this process may use: a container can have less than the machine. */
function availableMegabytes(): number {
  const limit = process.constrainedMemory();
  const total = totalmem();
  return Math.floor((limit > 0 && limit < total ? limit : total) / MEGABYTE);
}

export function checkMemory(megabytes: number, workers: number): Finding {
  const needed = workers * PROCESS_MEMORY_MEGABYTES;
  const result = `${megabytes} MB for ${workers === 1 ? 'one process' : `${workers} processes`}`;
  return megabytes >= needed
    ? ok('memory', result)
    : warn(
        'memory',
        result,
        `Under attack a process can use ${PROCESS_MEMORY_MEGABYTES} MB: give ${needed} MB, or set WORKERS lower.`,
      );
}

/** The soft limit of open files; null where the system does not say. */
async function openFilesMax(): Promise<number | null> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => null);
  const [, soft] = /^Max open files\s+(\S+)/m.exec(limits ?? '') ?? [];
  if (soft === undefined) return null;
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
}

export function checkOpenFiles(count: number): Finding {
  const result = `${count === Number.POSITIVE_INFINITY ? 'any number' : count}`;
  return count >= OPEN_FILES_MIN
    ? ok('open files', result)
    : warn(
        'open files',
        result,
        `Each connection is one. Allow ${OPEN_FILES_MIN} or more: “ulimit -n ${OPEN_FILES_MIN}”, or LimitNOFILE in systemd.`,
      );
}

async function checkDisk(dataDir: string): Promise<Finding[]> {
  let path = resolve(dataDir);
  while (!(await stat(path).catch(() => null))) path = dirname(path); // the start makes the directories that are missing
  const { bavail, blocks, bsize } = await statfs(path);
  // The slash refuses a file.
  const fault = await access(`${path}/`, constants.W_OK).then(
    () => null,
    ({ code }: NodeJS.ErrnoException) => code ?? '',
  );
  return [checkFree(path, (bavail * bsize) / MEGABYTE, bavail / blocks), checkWritable(path, fault)];
}

/** @param fault the code of the system's error; null where this user can write. */
export function checkWritable(path: string, fault: string | null): Finding {
  const name = 'data directory';
  if (fault === null) return ok(name, `${path} can be written`);
  const advice = 'or set DATA_DIR to another directory, or DATABASE_URL to a PostgreSQL of your own.';
  return fault === 'EROFS'
    ? fail(name, `${path} is on a read-only file system`, `Mount it for writing, ${advice}`)
    : fail(
        name,
        `this user can't write in ${path} (${fault})`,
        `Give it to the user of the service (chown), ${advice}`,
      );
}

/** @param share of the disk that is free. */
export function checkFree(path: string, megabytes: number, share: number): Finding {
  const result = `${Math.floor(megabytes)} MB free in ${path} (${Math.floor(share * 100)} %)`;
  return megabytes >= DISK_MEGABYTES_MIN && share >= DISK_SHARE_MIN
    ? ok('disk', result)
    : warn(
        'disk',
        result,
        'PostgreSQL stops when the disk is full. Make room, or set DATA_DIR to a directory on another disk.',
      );
}
