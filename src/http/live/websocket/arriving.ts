import type { Holding, MemoryBudget } from '../../load/memory.ts';
import type { LiveSocket } from './socket.ts';

/** A ping or pong with its header. */
const CONTROL_FRAME_BYTES_MAX = 131;
/** Bytes of an incomplete message that are part of the memory of the socket. */
const ARRIVING_BYTES_FREE = 8_192;

/** An incomplete message on a socket. */
export interface ArrivingMessage {
  /** The message is complete, or the rest will not come. */
  readonly complete: () => void;
  /** A ping or pong has arrived, which is not part of a message. */
  readonly control: () => void;
}

/** Counts the bytes of a message that arrives in several pieces as memory of its client, until it is complete. */
export function holdArriving({ socket, stream, client }: LiveSocket, memory: MemoryBudget): ArrivingMessage {
  let bytes = 0;
  let held: Holding | null = null;
  // The first listener runs before that of `ws`, the second one after it. Bytes of a message that `ws` completes in between
  // need no memory.
  stream.prependListener('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  stream.on('data', () => {
    if (bytes <= ARRIVING_BYTES_FREE || socket.readyState !== socket.OPEN) return;
    try {
      if (held) held.resize(bytes);
      else held = memory.hold(client, bytes, () => socket.terminate());
    } catch {
      socket.terminate();
    }
  });
  return {
    complete: () => {
      bytes = 0;
      held?.release();
      held = null;
    },
    control: () => {
      if (bytes <= CONTROL_FRAME_BYTES_MAX) bytes = 0;
    },
  };
}
