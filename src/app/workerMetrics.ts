import cluster, { type Worker } from 'node:cluster';
import { within } from '../base/within.ts';
import { MergedMetrics } from '../observe/mergedMetrics.ts';
import type { Snapshot } from '../observe/metric.ts';

/** How long a scrape waits for the metrics of a process. After that it shows those of the scrape before. */
const SNAPSHOT_WAIT_MS = 1_000;
/** How long a process waits for the metrics of all processes. */
const SCRAPE_WAIT_MS = 3_000;

/** What a worker sends about metrics. */
type FromWorker =
  | { readonly type: 'snapshot'; readonly number: number; readonly snapshot: Snapshot }
  | { readonly type: 'scrape'; readonly number: number };
/** What the first process sends about metrics. */
type ToWorker =
  | { readonly type: 'wanted'; readonly number: number }
  | { readonly type: 'scraped'; readonly number: number; readonly text: string };

/** In the first process: the metrics of all workers. */
export class WorkerMetrics {
  readonly #metrics = new MergedMetrics();
  readonly #waiting = new Map<number, () => void>();
  #asked = 0;
  /** Workers that have ended. */
  #ends = 0;
  #scraping: Promise<string> | undefined;

  start(): void {
    cluster.on('message', this.#hear);
    cluster.on('exit', this.#end);
  }

  stop(): void {
    cluster.off('message', this.#hear).off('exit', this.#end);
  }

  /** The metrics of all workers. Scrapes at the same time share one reading. */
  scrape(): Promise<string> {
    this.#scraping ??= this.#scrape().finally(() => {
      this.#scraping = undefined;
    });
    return this.#scraping;
  }

  async #scrape(): Promise<string> {
    const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker?.isConnected());
    await Promise.all(workers.map((worker) => this.#ask(worker as Worker)));
    return this.#metrics.text([
      figure('gauge', 'readout_workers', 'Processes that serve.', workers.length),
      figure('counter', 'readout_worker_ends_total', 'Workers that have ended.', this.#ends),
    ]);
  }

  async #ask(worker: Worker): Promise<void> {
    this.#asked += 1;
    const number = this.#asked;
    const answered = new Promise<void>((resolve) => this.#waiting.set(number, resolve));
    worker.send({ type: 'wanted', number } satisfies ToWorker, () => undefined); // it may be about to end
    await within(SNAPSHOT_WAIT_MS, answered);
    this.#waiting.delete(number);
  }

  #hear = (worker: Worker, message: FromWorker | { readonly type?: undefined }): void => {
    if (message.type === 'snapshot') {
      this.#metrics.keep(worker.id, message.snapshot);
      this.#waiting.get(message.number)?.();
    } else if (message.type === 'scrape') {
      const { number } = message;
      const send = (text: string) => worker.send({ type: 'scraped', number, text } satisfies ToWorker);
      void this.scrape().then((text) => worker.isConnected() && send(text));
    }
  };

  #end = ({ id }: Worker): void => {
    this.#ends += 1;
    void this.#metrics.end(id);
  };
}

/** A figure of the first process. */
function figure(type: 'gauge' | 'counter', name: string, help: string, value: number): Snapshot[number] {
  return { name, help, type, aggregator: 'sum', values: [{ labels: {}, value }] };
}

/** In a worker: answers the first process with the metrics of this one. */
export function answerSnapshots(snapshot: () => Promise<Snapshot>): void {
  process.on('message', (message: ToWorker) => {
    if (message.type !== 'wanted') return;
    const { number } = message;
    void snapshot().then((taken) =>
      process.send?.({ type: 'snapshot', number, snapshot: taken } satisfies FromWorker),
    );
  });
}

let scrapes = 0;

/** In a worker: the metrics of all workers. @throws Error where the first process does not answer in time. */
export async function scrapeWorkers(): Promise<string> {
  scrapes += 1;
  const number = scrapes;
  let listener: (message: ToWorker) => void = () => undefined;
  const scraped = new Promise<string>((resolve) => {
    listener = (message) => {
      if (message.type === 'scraped' && message.number === number) resolve(message.text);
    };
    process.on('message', listener);
  });
  process.send?.({ type: 'scrape', number } satisfies FromWorker);
  const text = await within(SCRAPE_WAIT_MS, scraped);
  process.off('message', listener);
  if (typeof text !== 'string') throw new Error('the first process did not send the metrics of all workers');
  return text;
}
