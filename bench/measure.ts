import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const RESULTS = new URL('results/', import.meta.url);
const PAGE = new URL('../docs/performance.md', import.meta.url);

/** A child process and the lines that it prints. */
export class Lines {
  readonly child: ChildProcess;
  #lines: string[] = [];
  #wake: () => void = () => undefined;

  constructor(file: string, ...args: string[]) {
    const path = fileURLToPath(new URL(file, import.meta.url));
    this.child = spawn(process.execPath, ['--import', 'tsx', path, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.child.once('exit', () => this.#wake());
    let rest = '';
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      this.#lines.push(...lines);
      this.#wake();
    });
  }

  say(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }

  async hear(): Promise<string> {
    while (this.#lines.length === 0) {
      if (this.child.exitCode !== null) throw new Error(`it has ended: ${this.child.spawnargs.join(' ')}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#lines.shift() as string;
  }
}

/** Milliseconds that a process has been on a CPU, all its threads. */
export async function cpuMs(pid: number): Promise<number> {
  const tasks = await readdir(`/proc/${pid}/task`);
  const times = await Promise.all(
    tasks.map(async (task) =>
      Number((await readFile(`/proc/${pid}/task/${task}/schedstat`, 'utf8')).split(' ')[0]),
    ),
  );
  return times.reduce((sum, time) => sum + time, 0) / 1e6;
}

export const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

type Cell = string | number;

/**
 * Keeps what a run has measured: as `bench/results/<name>.json`, with what it was measured on, and as the table of this
 * name in `docs/performance.md`, where there is one.
 */
export async function writeResults(
  name: string,
  rows: readonly Readonly<Record<string, Cell>>[],
): Promise<void> {
  const about = { node: process.version, platform: `${process.platform} ${process.arch}`, at: new Date() };
  await mkdir(RESULTS, { recursive: true });
  await writeFile(new URL(`${name}.json`, RESULTS), `${JSON.stringify({ about, rows }, null, 2)}\n`);
  const page = await readFile(PAGE, 'utf8');
  const [start, end] = [`<!-- ${name} -->\n`, `<!-- end of ${name} -->`];
  if (!page.includes(start)) return;
  const head = page.slice(0, page.indexOf(start) + start.length);
  await writeFile(PAGE, `${head}\n${tableOf(rows)}\n\n${page.slice(page.indexOf(end))}`);
}

function tableOf(rows: readonly Readonly<Record<string, Cell>>[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const lines = [
    columns,
    columns.map(() => '---'),
    ...rows.map((row) => columns.map((column) => row[column])),
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
