/** The result of `within` for work that took too long. */
export const LATE = Symbol('late');

/** Waits for work, at most `timeoutMs`. A later result or failure is ignored. */
export async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T | typeof LATE> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<typeof LATE>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, timeoutMs), LATE);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
