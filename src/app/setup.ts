import type { ProgressState } from '../base/progress.ts';
import type { Stops } from '../base/stops.ts';
import type { Config } from '../config/settings.ts';
import type { ReportError } from '../http/errors.ts';
import type { StopStep } from './stop.ts';

export interface AppOptions {
  readonly config: Config;
  /** Receives messages to the operator, in whole sentences. */
  readonly notice: (message: string) => void;
  readonly report: ReportError;
  /** Receives how far the preparation of the database is. */
  readonly onProgress?: (state: ProgressState) => void;
}

/** What each part of the service is constructed with. */
export interface Setup extends AppOptions {
  readonly url: string;
  readonly stops: Stops<StopStep>;
}
