import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
/** What the service says when it can't start without PostgreSQL. */
const DATABASE_AWAY = /^PostgreSQL at \S+ can't be used: /m;
const READY_CHECK_INTERVAL_MS = 50;
const READY_TIMEOUT_MS = 60_000;

/** One process of the service, as it is installed, on a port that it keeps over restarts. */
export class ServiceProcess {
  readonly origin: string;
  readonly #port: number;
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;
  /** The last of what it said, for when it does not start. */
  #said = '';

  constructor(port: number, env: Readonly<Record<string, string>>) {
    this.#port = port;
    this.origin = `http://127.0.0.1:${port}`;
    // The load of a run comes from this machine, and is not what the limits for each client are for.
    const exempt = { EXEMPT_ADDRESSES: '127.0.0.1,::1' };
    this.#env = {
      ...process.env,
      LOG_FORMAT: 'text',
      ...exempt,
      ...env,
      PORT: String(port),
      HOST: '127.0.0.1',
    };
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Everything it has said since it was started. */
  get said(): string {
    return this.#said;
  }

  /**
   * Starts it and waits until it is ready. Where PostgreSQL is not there at that moment it is started again, as whatever
   * keeps a service running does.
   */
  async start(): Promise<void> {
    const endMs = performance.now() + READY_TIMEOUT_MS;
    let child = this.#spawn();
    while (performance.now() < endMs) {
      if (child.exitCode !== null) {
        if (!DATABASE_AWAY.test(this.#said)) break;
        child = this.#spawn();
      }
      const answer = await fetch(`${this.origin}/ready`).catch(() => null); // not listening yet
      if (answer?.ok) return;
      await sleep(READY_CHECK_INTERVAL_MS);
    }
    throw new Error(`the service on port ${this.#port} did not start:\n${this.#said}`);
  }

  #spawn(): ChildProcess {
    const child = spawn(process.execPath, [MAIN], { env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    this.#said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#said += text;
      });
    }
    return child;
  }

  /** Ends it by a signal and waits until it is gone; answers its exit code. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
    return child.exitCode;
  }
}

/** A free TCP port. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}
