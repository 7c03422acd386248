/** What is there at once is used at once: a promise for each field of each row would cost more than the row. */
export type Soon<T> = T | Promise<T>;

/** What comes of a value: at once, where the value is there at once. */
export function after<A, B>(value: Soon<A>, next: (value: A) => Soon<B>): Soon<B> {
  return value instanceof Promise ? value.then(next) : next(value);
}
