import { LATE, within } from './within.ts';

/** The steps of a stop. They run in reverse order of their addition, and a failing step does not skip the others. */
export class Stops<Step extends string> {
  readonly #timeoutsMs: Readonly<Record<Step, number>>;
  readonly #report: (error: unknown, step: Step) => void;
  readonly #steps: { readonly name: Step; readonly run: () => unknown }[] = [];
  #stopping: Promise<void> | undefined;

  /**
   * @param timeoutsMs time limit of each step. After it the next step begins, even if the step still runs.
   * @param report called for each step that fails or takes too long.
   */
  constructor(timeoutsMs: Readonly<Record<Step, number>>, report: (error: unknown, step: Step) => void) {
    this.#timeoutsMs = timeoutsMs;
    this.#report = report;
  }

  add(name: Step, run: () => unknown): void {
    this.#steps.push({ name, run });
  }

  /**
   * Runs the steps, the last one added first. Further calls return the same promise.
   * @throws Error after all steps, if one has failed.
   */
  run(): Promise<void> {
    this.#stopping ??= this.#run();
    return this.#stopping;
  }

  async #run(): Promise<void> {
    const failed: Step[] = [];
    for (const { name, run } of this.#steps.reverse()) {
      const timeoutMs = this.#timeoutsMs[name];
      try {
        const result = await within(timeoutMs, (async () => run())());
        if (result === LATE) throw new Error(`it took longer than ${timeoutMs} ms`);
      } catch (error) {
        failed.push(name);
        this.#report(error, name);
      }
    }
    if (failed.length > 0) throw new Error(`The stop was not in order: ${failed.join(', ')}.`);
  }
}
