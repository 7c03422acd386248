/** An operation on a socket. */
export interface SocketOperation {
  /** The client's id, which is free again as soon as the client has completed the operation. */
  readonly id: string;
  /** The id for the protocol library, never reused on this socket. */
  readonly number: string;
  readonly controller: AbortController;
}

/** The beginning of the library's messages about an operation. */
const NUMBERED = /^\{"id":"(\d+)"/;

/**
 * The operations of one socket. The library gets a unique number for each operation. By the client's id, it would confuse an operation that
 * is completed during its preparation with the next one.
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

  /** Completes the operation of an id for its client. @returns its number; null where no operation has the id. */
  complete(id: string): string | null {
    const operation = this.#byId.get(id);
    if (!operation) return null;
    this.#byId.delete(id);
    operation.controller.abort();
    return operation.number;
  }

  /** Removes an operation that has ended. */
  end(operation: SocketOperation): void {
    this.#byNumber.delete(operation.number);
    if (this.#byId.get(operation.id) === operation) this.#byId.delete(operation.id);
  }

  /** Ends all of them. */
  abort(): void {
    for (const { controller } of this.#byNumber.values()) controller.abort();
  }

  /** A message of the library with the client's id. */
  outgoing(message: string): string {
    const [start = '', number = ''] = NUMBERED.exec(message) ?? [];
    const operation = this.#byNumber.get(number);
    return operation ? `{"id":${JSON.stringify(operation.id)}${message.slice(start.length)}` : message;
  }
}
