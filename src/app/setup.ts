import type { ProgressState } from '../base/progress.ts';
import type { Stops } from '../base/stops.ts';
import type { Config } from '../config/config.ts';
import type { ReportError } from '../http/errors.ts';
import type { LogOperation, OperationObserver } from '../observe/operations.ts';
import type { Tracing } from '../observe/tracing.ts';
import type { StopStep } from './stop.ts';

export interface AppOptions {
  readonly config: Config;
  /** Receives messages to the operator, in whole sentences. */
  readonly notice: (message: string) => void;
  readonly report: ReportError;
  /** Writes a line of the log for an operation that has ended. Default: operations are not logged. */
  readonly logOperation?: LogOperation;
  /** Traces operations and deliveries. Default: nothing is traced. */
  readonly tracing?: Tracing | null;
  /** Reads the metrics of all processes, for one of several. Default: those of this process. */
  readonly scrape?: () => Promise<string>;
  /** Receives how far the preparation of the database is. */
  readonly onProgress?: (state: ProgressState) => void;
}

/** What each part of the service is constructed with. */
export interface Setup extends AppOptions {
  readonly url: string;
  /** Counts the operations of all transports. */
  readonly observer: OperationObserver;
  readonly stops: Stops<StopStep>;
}
