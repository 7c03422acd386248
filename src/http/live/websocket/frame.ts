const OPCODE_TEXT_FINAL = 0x81;
const LENGTH_7_BITS_MAX = 125;
const LENGTH_16_BITS_MAX = 65_535;
const LENGTH_FOLLOWS_IN_16_BITS = 126;
const LENGTH_FOLLOWS_IN_64_BITS = 127;

function headerLength(payloadLength: number): number {
  if (payloadLength <= LENGTH_7_BITS_MAX) return 2;
  return payloadLength <= LENGTH_16_BITS_MAX ? 4 : 10;
}

function writeHeader(target: Buffer, at: number, payloadLength: number): number {
  target[at] = OPCODE_TEXT_FINAL;
  if (payloadLength <= LENGTH_7_BITS_MAX) {
    target[at + 1] = payloadLength;
    return at + 2;
  }
  if (payloadLength <= LENGTH_16_BITS_MAX) {
    target[at + 1] = LENGTH_FOLLOWS_IN_16_BITS;
    return target.writeUInt16BE(payloadLength, at + 2);
  }
  target[at + 1] = LENGTH_FOLLOWS_IN_64_BITS;
  return target.writeBigUInt64BE(BigInt(payloadLength), at + 2);
}

/**
 * Encodes text messages as WebSocket frames of a server (RFC 6455, 5.2) in one buffer, so that a burst leaves a socket in one
 * write. It runs for every delivery.
 * @param bodies one for each message, between the prefix and the suffix; all in UTF-8.
 */
export function textFrames(prefix: Buffer, bodies: readonly Buffer[], suffix: Buffer): Buffer {
  const around = prefix.length + suffix.length;
  let length = 0;
  for (const body of bodies) length += headerLength(around + body.length) + around + body.length;
  const target = Buffer.allocUnsafe(length);
  let at = 0;
  for (const body of bodies) {
    at = writeHeader(target, at, around + body.length);
    for (const part of [prefix, body, suffix]) {
      target.set(part, at); // half the time of `copy`
      at += part.length;
    }
  }
  return target;
}
