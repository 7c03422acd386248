import { Result, type Sink } from '../../log/hub/delivery.ts';

/** Adds `extensions` to the first result that a subscription sends, whatever its transport. */
export class ExtendedSink implements Sink {
  readonly #sink: Sink;
  #extensions: object | null;

  constructor(sink: Sink, extensions: object) {
    this.#sink = sink;
    this.#extensions = extensions;
  }

  get transport(): Sink['transport'] {
    return this.#sink.transport;
  }

  get bufferedBytes(): number {
    return this.#sink.bufferedBytes;
  }

  next(results: readonly Result[]): void {
    const [first, ...rest] = results;
    if (!first || !this.#extensions) {
      this.#sink.next(results);
      return;
    }
    const extended = `${first.text.slice(0, -1)},"extensions":${JSON.stringify(this.#extensions)}}`;
    this.#extensions = null;
    this.#sink.next([new Result(extended, first.cursor), ...rest]);
  }

  drained(): Promise<void> {
    return this.#sink.drained();
  }

  end(error: Parameters<Sink['end']>[0]): void {
    this.#sink.end(error);
  }
}
