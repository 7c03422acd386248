import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What a command has printed, and its exit code. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Both of them, the standard output first. */
  readonly output: string;
}

export interface CommandOptions {
  /** Environment variables besides those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/**
 * Runs a built command, such as `export`, in its own process. An exit code other than 0 is a result too.
 * @throws Error if the command could not be started, or was killed by a signal.
 */
export function runCommand(
  name: string,
  args: readonly string[],
  { env, cwd }: CommandOptions = {},
): Promise<CommandResult> {
  const program = fileURLToPath(new URL(`../../dist/cli/${name}.js`, import.meta.url));
  return new Promise((resolve, reject) => {
    const options = { env: { ...process.env, ...env }, cwd };
    execFile(process.execPath, [program, ...args], options, (error, stdout, stderr) => {
      const code = error ? error.code : 0;
      if (typeof code === 'number') resolve({ code, stdout, stderr, output: stdout + stderr });
      else reject(error);
    });
  });
}
