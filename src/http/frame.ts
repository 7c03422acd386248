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
 * Text messages as WebSocket frames of a server (RFC 6455, 5.2), one behind the other in one buffer: a burst leaves a
 * socket in one write, and what many sockets are sent is encoded once.
 * @param messages each in parts, UTF-8.
 */
export function textFrames(messages: readonly (readonly Buffer[])[]): Buffer {
  const lengths = messages.map((parts) => parts.reduce((sum, part) => sum + part.length, 0));
  const target = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + headerLength(length) + length, 0));
  let at = 0;
  for (const [i, parts] of messages.entries()) {
    at = writeHeader(target, at, lengths[i] as number);
    for (const part of parts) at += part.copy(target, at);
  }
  return target;
}
