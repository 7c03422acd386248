/** The code of a failed system call, such as `ENOENT`; undefined for any other error. */
export function systemErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'syscall' in error && 'code' in error ? String(error.code) : undefined;
}

/** A handler for `catch` that returns undefined for the given system error codes and throws every other error. */
export function noneIf(...codes: readonly string[]): (error: unknown) => undefined {
  return (error) => {
    const code = systemErrorCode(error);
    if (code === undefined || !codes.includes(code)) throw error;
  };
}
