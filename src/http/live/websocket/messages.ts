import type { GraphQLError } from 'graphql';
import { CloseCode } from 'graphql-ws';
import { isObject } from '../../../base/object.ts';
import { bodyPoints, MESSAGE_POINTS, SUBSCRIBE_POINTS } from '../../cost/prices.ts';
import type { Billing } from '../../limits/billing.ts';
import { CLOSE_TRY_AGAIN_LATER, closeSoon, type LiveSocket } from './socket.ts';

/** Id of an operation over WebSocket, which every message about it contains. Beyond it close code 4400. @limit characters */
export const OPERATION_ID_LENGTH_MAX = 128;
/**
 * The message `connection_init` with its parameters, which are kept while the socket is open. Beyond it close code 4400.
 * @limit characters
 */
export const CONNECTION_PARAMS_LENGTH_MAX = 16_384;
/** Bytes of the kept connection parameters for each character of their message. */
const PARAMS_FACTOR = 8;
/** Characters of a reason. A close frame has room for 123 bytes, and some reasons of the library quote ids, in UTF-8. */
export const CLOSE_REASON_LENGTH_MAX = 40;

type Message = Readonly<Record<string, unknown>>;
/** Gives a message to the library, which also accepts parsed messages, although its types don't say so. */
export type TakeMessage = (message: Message | string) => Promise<void>;

export interface SocketMessagesOptions {
  readonly billing: Billing;
  readonly mask: (error: unknown) => GraphQLError;
}

/** Charges and checks the messages of sockets before the protocol library gets them. */
export class SocketMessages {
  readonly #options: SocketMessagesOptions;

  constructor(options: SocketMessagesOptions) {
    this.#options = options;
  }

  /** Charges a socket. Without enough points it is closed. @returns whether there were enough. */
  pays({ socket, client, payer }: LiveSocket, points: number): boolean {
    if (socket.readyState !== socket.OPEN) return false;
    try {
      this.#options.billing.spend(payer, points, { client });
      return true;
    } catch {
      closeSoon(socket, CLOSE_TRY_AGAIN_LATER, 'Too many messages. Try again later');
      return false;
    }
  }

  /** Gives a message to the library. Ids of operations are replaced by numbers (`SocketOperations`). */
  take(live: LiveSocket, text: string, take: TakeMessage): void {
    const { socket, operations } = live;
    if (!this.pays(live, MESSAGE_POINTS + bodyPoints(text.length))) return;
    const failed = (error: unknown): void => this.#close(live, error);
    const message = parseMessage(text);
    const { type, id } = message ?? {};
    if (type === 'connection_init' && !keepsParams(live, text.length)) return;
    if (!message || typeof id !== 'string' || id === '') {
      // Not a message about an operation. The library refuses invalid messages.
      take(message ?? text).catch(failed);
    } else if (id.length > OPERATION_ID_LENGTH_MAX) {
      closeSoon(socket, CloseCode.BadRequest, 'The id of an operation is too long');
    } else if (type === 'subscribe') {
      if (operations.has(id)) {
        const reason = `Subscriber for ${id} already exists`.slice(0, CLOSE_REASON_LENGTH_MAX);
        socket.close(CloseCode.SubscriberAlreadyExists, reason);
        return;
      }
      if (!this.pays(live, SUBSCRIBE_POINTS)) return;
      const operation = operations.begin(id);
      take({ ...message, id: operation.number })
        .catch(failed)
        .finally(() => operations.end(operation));
    } else if (type === 'complete') {
      const number = operations.complete(id);
      if (number !== null) take({ ...message, id: number }).catch(failed);
    } else take(message).catch(failed);
  }

  #close({ socket }: LiveSocket, error: unknown): void {
    // The library throws an ordinary error for a message that only servers send.
    if (error instanceof Error && error.message.startsWith('Unexpected message of type')) {
      socket.close(CloseCode.BadRequest, 'Invalid message received');
      return;
    }
    this.#options.mask(error); // reports it
    socket.close(CloseCode.InternalServerError, 'Something went wrong in the service');
  }
}

/** Counts connection parameters as memory of the socket, or closes the socket. @returns whether it is still open. */
function keepsParams({ socket, holding }: LiveSocket, length: number): boolean {
  if (length > CONNECTION_PARAMS_LENGTH_MAX) {
    closeSoon(socket, CloseCode.BadRequest, 'Connection parameters are too long');
    return false;
  }
  try {
    holding.grow(PARAMS_FACTOR * length);
    return true;
  } catch {
    closeSoon(socket, CLOSE_TRY_AGAIN_LATER, 'Too much is kept for this address');
    return false;
  }
}

/** A message as an object; null for anything else. */
function parseMessage(text: string): Message | null {
  try {
    const message: unknown = JSON.parse(text);
    return isObject(message) ? (message as Message) : null;
  } catch {
    return null;
  }
}
