/** Told by `within` for work that took too long. */
export const LATE = Symbol('late');

/** Waits for work, at most so long; what comes of it later, a failure included, is of no interest any more. */
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
