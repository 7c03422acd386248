import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** The way to PostgreSQL, which a test can cut or make silent. */
export interface Wire {
  /** The database's URL by this way. */
  readonly url: string;
  /** Connections that are open. */
  readonly count: number;
  /** Breaks every connection and refuses new ones. */
  cut(): void;
  /** Keeps connections and takes new ones, and lets nothing through. */
  silence(): void;
  /** Lets everything through again. */
  mend(): void;
  stop(): Promise<void>;
}

export async function layWire(url: string): Promise<Wire> {
  const { hostname, port } = new URL(url);
  const pairs = new Set<readonly [Socket, Socket]>();
  let isCut = false;
  let isSilent = false;
  const server = createServer((near) => {
    if (isCut) {
      near.resetAndDestroy();
      return;
    }
    const far = connect(Number(port || 5432), hostname);
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const [from, to] of [pair, [far, near] as const]) {
      from.on('data', (data) => {
        if (!to.write(data)) from.pause();
      });
      to.on('drain', () => !isSilent && from.resume());
      from.on('error', () => to.destroy());
      from.on('close', () => {
        pairs.delete(pair);
        to.destroy();
      });
      if (isSilent) from.pause();
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const near = new URL(url);
  near.hostname = '127.0.0.1';
  near.port = String((server.address() as AddressInfo).port);
  const wire: Wire = {
    url: near.href,
    get count() {
      return pairs.size;
    },
    cut() {
      isCut = true;
      for (const [near, far] of pairs) {
        near.resetAndDestroy();
        far.destroy();
      }
    },
    silence() {
      isSilent = true;
      for (const pair of pairs) for (const socket of pair) socket.pause();
    },
    mend() {
      isCut = false;
      isSilent = false;
      for (const pair of pairs) for (const socket of pair) socket.resume();
    },
    async stop() {
      wire.cut();
      server.close();
      await once(server, 'close');
    },
  };
  return wire;
}
