import Negotiator from 'negotiator';

/**
 * The media type of an answer that a client prefers (RFC 9110, section 12.5.1): the one with the highest weight, then the one
 * that it names most precisely, then first, then the first of `types`. Null where it accepts none of them.
 */
export function chooseType<Type extends string>(
  accept: string | undefined,
  types: readonly [Type, ...Type[]],
): Type | null {
  if (accept === undefined || accept === '*/*' || accept === types[0]) return types[0]; // most requests
  return (new Negotiator({ headers: { accept } }).mediaType(types) ?? null) as Type | null;
}

/** The first of `encodings` that a client accepts (RFC 9110, section 12.5.3), whatever its weight; null where it accepts none. */
export function chooseEncoding<Encoding extends string>(
  acceptEncoding: string | string[] | undefined,
  encodings: readonly Encoding[],
): Encoding | null {
  if (acceptEncoding === undefined) return null;
  const accepted = new Negotiator({ headers: { 'accept-encoding': String(acceptEncoding) } }).encodings(
    encodings,
  );
  return encodings.find((encoding) => accepted.includes(encoding)) ?? null;
}
