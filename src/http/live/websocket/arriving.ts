import type { Holding, MemoryBudget } from '../../load/memory.ts';
import { CLOSE_TRY_AGAIN_LATER, closeSoon, type LiveSocket } from './socket.ts';

/** The header of a frame from a client, without the bytes of a longer length. */
const HEADER_BYTES = 6;
/** Headers of the further frames of a message, which its length does not include. */
const REST_BYTES_MAX = 1_024;
/**
 * Bytes that may wait while their client has no memory left: two times what Node reads from a connection at once. Messages that are
 * complete need less, because `ws` reads no more until it has emitted them. They are refused one by one, with an error.
 */
const UNHELD_BYTES_MAX = 2 * 65_536;
/** Bytes that have arrived, and that are part of the memory of the socket. */
const ARRIVING_BYTES_FREE = 8_192;

/** The bytes that have arrived on a socket and were not processed yet. */
export interface ArrivingFrames {
  /** Call it when a message, ping or pong of this many bytes is processed. */
  readonly taken: (bytes: number) => void;
  /** Call it when no more will be processed. */
  readonly end: () => void;
}

/** Counts the bytes that have arrived on a socket as memory of its client, until they are processed. */
export function holdArriving({ socket, stream, client }: LiveSocket, memory: MemoryBudget): ArrivingFrames {
  let bytes = 0;
  let held: Holding | null = null;
  const hold = (arrived: number): void => {
    bytes = arrived;
    if (bytes <= ARRIVING_BYTES_FREE) {
      held?.release();
      held = null;
      return;
    }
    try {
      if (held) held.resize(bytes);
      else held = memory.hold(client, bytes, () => socket.terminate());
    } catch {
      if (bytes > UNHELD_BYTES_MAX) {
        closeSoon(socket, CLOSE_TRY_AGAIN_LATER, 'Too much is kept for this address');
      }
    }
  };
  stream.on('data', (chunk: Buffer) => {
    if (socket.readyState === socket.OPEN) hold(bytes + chunk.length);
  });
  return {
    taken: (length) => {
      const rest = bytes - length - headerBytes(length);
      hold(rest <= REST_BYTES_MAX ? 0 : rest);
    },
    end: () => hold(0),
  };
}

function headerBytes(length: number): number {
  if (length < 126) return HEADER_BYTES;
  return HEADER_BYTES + (length < 65_536 ? 2 : 8);
}
