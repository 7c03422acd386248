/** An operation on a socket. */
export interface SocketOperation {
  /** As the client has given it; free again as soon as the client has completed the operation. */
  readonly id: string;
  /** As the protocol's library knows it: never used again on this socket. */
  readonly number: string;
  readonly controller: AbortController;
}

/** How messages of the library begin that concern an operation. */
const NUMBERED = /^\{"id":"(\d+)"/;

/**
 * The operations of one socket. The library knows each by a number of its own: under the id of its client, an operation that
 * is completed while it is being prepared would be taken for the next one of that id.
 */
export class SocketOperations {
  readonly #byId = new Map<string, SocketOperation>();
  readonly #byNumber = new Map<string, SocketOperation>();
  #begun = 0;

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  begin(id: string): SocketOperation {
    this.#begun += 1;
    const operation = { id, number: String(this.#begun), controller: new AbortController() };
    this.#byId.set(id, operation);
    this.#byNumber.set(operation.number, operation);
    return operation;
  }

  find(number: string): SocketOperation | undefined {
    return this.#byNumber.get(number);
  }

  /** Ends the operation of an id, as its client wants it. @returns its number; null where nothing has the id. */
  complete(id: string): string | null {
    const operation = this.#byId.get(id);
    if (!operation) return null;
    this.#byId.delete(id);
    operation.controller.abort();
    return operation.number;
  }

  /** Forgets an operation that has ended. */
  end(operation: SocketOperation): void {
    this.#byNumber.delete(operation.number);
    if (this.#byId.get(operation.id) === operation) this.#byId.delete(operation.id);
  }

  /** Ends all of them. */
  abort(): void {
    for (const { controller } of this.#byNumber.values()) controller.abort();
  }

  /** A message of the library as the client gets it: with the client's id. */
  outgoing(message: string): string {
    const [start = '', number = ''] = NUMBERED.exec(message) ?? [];
    const operation = this.#byNumber.get(number);
    return operation ? `{"id":${JSON.stringify(operation.id)}${message.slice(start.length)}` : message;
  }
}
