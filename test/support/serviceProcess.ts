import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { happens, PATIENT_SETTINGS } from './until.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

type Exit = readonly [code: number | null, signal: NodeJS.Signals | null];

/** The built service in its own process, on a port that the system chooses. */
export class ServiceProcess {
  readonly child: ChildProcess;
  /** All that it has printed, errors included. */
  output = '';
  readonly #exited: Promise<Exit>;
  #isClosed = false;
  /** The end of the last match of `printedNext`. */
  #offset = 0;
  readonly #listeners = new Set<() => void>();

  /** @param settings environment variables; it has no others but those that every process needs. */
  constructor(settings: Readonly<Record<string, string>>) {
    const { PATH = '', HOME = '', TMPDIR = '' } = process.env;
    this.child = spawn(process.execPath, [MAIN], {
      cwd: ROOT,
      env: {
        PATH,
        HOME,
        ...(TMPDIR && { TMPDIR }),
        PORT: '0',
        LOG_FORMAT: 'text',
        ...PATIENT_SETTINGS,
        ...settings,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const tell = (): void => {
      for (const listener of this.#listeners) listener();
    };
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
        tell();
      });
    }
    this.#exited = once(this.child, 'close').then((exit) => {
      this.#isClosed = true;
      tell();
      return exit as unknown as Exit;
    });
  }

  get pid(): number {
    return this.child.pid as number;
  }

  /**
   * The first match of the output, as soon as there is one.
   * @throws Error with the output if the process ends without it, or takes too long.
   */
  printed(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#match(pattern, 0);
  }

  /** As `printed`, but only what follows the match that it returned before. */
  async printedNext(pattern: RegExp): Promise<RegExpExecArray> {
    const match = await this.#match(pattern, this.#offset);
    this.#offset += match.index + match[0].length;
    return match;
  }

  #match(pattern: RegExp, offset: number): Promise<RegExpExecArray> {
    const match = new Promise<RegExpExecArray>((resolve, reject) => {
      const look = (): void => {
        const found = pattern.exec(this.output.slice(offset));
        if (!found && !this.#isClosed) return;
        this.#listeners.delete(look);
        if (found) resolve(found);
        else reject(new Error(`the service ended without printing ${pattern}:\n${this.output}`));
      };
      this.#listeners.add(look);
      look();
    });
    return happens(() => `${pattern} in the output of the service:\n${this.output}`, match);
  }

  /** `http://127.0.0.1:4000`, once it serves. */
  async origin(): Promise<string> {
    const [, origin] = await this.printed(/Endpoint\s+(http:\/\/\S+)\/graphql/);
    await this.printed(/Ctrl-C stops it/);
    return origin as string;
  }

  /** Its exit code and the signal that ended it, once all of its output has been read. */
  exited(): Promise<Exit> {
    return happens(() => `the end of the service, which has printed:\n${this.output}`, this.#exited);
  }

  /** Sends a signal and waits for the end. */
  signal(signal: NodeJS.Signals): Promise<Exit> {
    this.child.kill(signal);
    return this.exited();
  }

  /** Ends it in order, PostgreSQL included, unless it has ended. */
  async stop(): Promise<void> {
    if (!this.#isClosed) await this.signal('SIGTERM');
  }
}
