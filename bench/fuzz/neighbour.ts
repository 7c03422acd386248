import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('neighbour.mjs', import.meta.url));
/** The first requests make the connection and warm the service up. */
const WARM_UP_LENGTH = 5;

/** How long a client had to wait. */
export interface Waits {
  readonly requests: number;
  /** Answered with anything but 200. */
  readonly refused: number;
  readonly medianMs: number;
  readonly p95Ms: number;
}

/** A well-behaved client beside those that are not. */
export class Neighbour {
  readonly #child: ChildProcess;
  #waits: { ms: number; status: number }[] = [];
  #seen = 0;

  constructor(origin: string) {
    this.#child = spawn(process.execPath, [SCRIPT, origin], { stdio: ['ignore', 'pipe', 'inherit'] });
    createInterface({ input: this.#child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      const [ms = 0, status = 0] = line.split(' ').map(Number);
      this.#seen += 1;
      if (this.#seen > WARM_UP_LENGTH) this.#waits.push({ ms, status });
    });
  }

  /** Its waits since the last time they were taken. */
  take(): Waits {
    const waits = this.#waits;
    this.#waits = [];
    const sorted = waits.map(({ ms }) => ms).sort((a, b) => a - b);
    const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
    const refused = waits.filter(({ status }) => status !== 200).length;
    return { requests: waits.length, refused, medianMs: at(0.5), p95Ms: at(0.95) };
  }

  stop(): void {
    this.#child.kill();
  }
}
