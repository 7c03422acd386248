import { setTimeout as sleep } from 'node:timers/promises';

const ATTEMPT_TIMEOUT_MS = 10_000;
const RETRY_DELAY_MS = 100;
const RECORD = `mutation ($input: RecordStatementInput!) {
  recordStatement(input: $input) { position statement { slug } }
}`;

/** Records one statement after the other, each until it is acknowledged, by its key. */
export class Writer {
  /** Slug and position of every statement that was acknowledged. */
  readonly acknowledged = new Map<string, number>();
  retries = 0;
  /** Why the last attempt that failed did so. */
  failure = '';
  /** The first answer of the service that was a refusal, with its code and message; undefined without one. */
  refusal: string | undefined;
  #stopped = false;
  #writing: Promise<void> | undefined;

  constructor(
    private readonly options: {
      readonly origins: readonly string[];
      readonly token: string;
      readonly pauseMs: number;
      readonly inputOf: (i: number) => object;
    },
  ) {}

  start(): void {
    this.#writing = this.#write();
  }

  /** Stops when the statement under way is acknowledged. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#writing;
  }

  async #write(): Promise<void> {
    for (let i = 0; !this.#stopped; i += 1) {
      const input = { ...this.options.inputOf(i), key: `statement-${i}` };
      for (let attempt = 0; !(await this.#attempt(input, i + attempt)); attempt += 1) {
        this.retries += 1;
        await sleep(RETRY_DELAY_MS);
      }
      await sleep(this.options.pauseMs);
    }
  }

  async #attempt(input: object, turn: number): Promise<boolean> {
    const { origins, token } = this.options;
    try {
      const response = await fetch(`${origins[turn % origins.length]}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ query: RECORD, variables: { input } }),
        signal: AbortSignal.timeout(ATTEMPT_TIMEOUT_MS),
      });
      const text = await response.text();
      const { data } = JSON.parse(text) as {
        data?: { recordStatement: { position: string; statement: { slug: string } } | null };
      };
      const written = data?.recordStatement;
      if (!written) {
        this.failure = text;
        this.refusal ??= `HTTP ${response.status}: ${text}`;
        return false;
      }
      this.acknowledged.set(written.statement.slug, Number(written.position));
      return true;
    } catch (error) {
      this.failure = String(error);
      return false; // whatever it was, the same key makes it safe to try again
    }
  }
}
