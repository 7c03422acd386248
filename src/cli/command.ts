import { type ParseArgsConfig, parseArgs } from 'node:util';
import { DatabaseError } from 'pg';
import { ReadoutError } from '../base/errors.ts';
import { UnreadableText } from '../verify/texts.ts';

/** The address of the service if READOUT_URL is not set. */
const SERVICE_URL_DEFAULT = 'http://127.0.0.1:4000';

/** Why a command was not carried out. The operator sees the message unchanged. */
export class CommandError extends Error {}

/** The command line can't be understood. The message ends with the usage. */
export class UsageError extends CommandError {
  constructor(message: string, usage: string) {
    super(`${message}\n\n${usage}`);
  }
}

/** Parses the command line as `parseArgs` of Node.js does. @throws UsageError */
export function parseCommandLine<const Config extends ParseArgsConfig>(usage: string, config: Config) {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), usage);
  }
}

/** The address of the service that a command uses. @throws CommandError if READOUT_URL is not an HTTP address. */
export function serviceUrl(): URL {
  const url = process.env.READOUT_URL ?? SERVICE_URL_DEFAULT;
  if (/^https?:/.test(url) && URL.canParse(url)) return new URL(url);
  throw new CommandError(`READOUT_URL must be an address such as ${SERVICE_URL_DEFAULT}.`);
}

/**
 * Runs a command and sets the exit code of the process. The exit code is that of a failure until the command has ended, so a process that
 * ends early without an error reports a failure.
 * @param main returns the exit code.
 * @param exitFailed the exit code after an error.
 */
export function runMain(main: () => Promise<number>, exitFailed: number): void {
  process.exitCode = exitFailed;
  main().then(
    (code) => {
      process.exitCode = code;
    },
    (error: unknown) => console.error(isExpected(error) ? error.message : error),
  );
}

/** Whether the message of an error tells the operator what to do, so that no stack trace is needed. */
function isExpected(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const isOfSystem = (error as NodeJS.ErrnoException).syscall !== undefined;
  return (
    error instanceof CommandError ||
    error instanceof ReadoutError ||
    error instanceof DatabaseError ||
    error instanceof UnreadableText ||
    isOfSystem
  );
}
