/** A value or a promise of one. Cached rows stay synchronous: a promise for each field of each row costs more than the row. */
export type MaybePromise<T> = T | Promise<T>;

/** Applies `next` to a value, synchronously if the value is there. */
export function mapMaybe<A, B>(value: MaybePromise<A>, next: (value: A) => MaybePromise<B>): MaybePromise<B> {
  return value instanceof Promise ? value.then(next) : next(value);
}
