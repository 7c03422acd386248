import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A line to a service that can be cut like a cable, mended, and led to another service. */
export class CuttableLine {
  readonly origin: string;
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  #server: Server;
  #target: string;

  private constructor(server: Server, target: string) {
    this.#server = server;
    this.#target = target;
    this.#port = (server.address() as { port: number }).port;
    this.origin = `http://127.0.0.1:${this.#port}`;
    this.#serve();
  }

  static async to(target: string): Promise<CuttableLine> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new CuttableLine(server, target);
  }

  /** Breaks what is open and refuses what comes. */
  async cut(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async mend(target = this.#target): Promise<void> {
    this.#target = target;
    this.#server = createServer().listen(this.#port, '127.0.0.1');
    this.#serve();
    await once(this.#server, 'listening');
  }

  #serve(): void {
    this.#server.on('connection', (near) => {
      const far = connect(Number(new URL(this.#target).port), '127.0.0.1');
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined); // `close` follows
        socket.on('close', () => {
          this.#sockets.delete(socket);
          other.destroy();
        });
        socket.pipe(other);
      }
    });
  }
}
