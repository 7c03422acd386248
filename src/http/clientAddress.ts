import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, type Socket } from 'node:net';
import type { TrustProxy } from '../trustProxy.ts';

const FORWARDING_HEADERS = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'] as const;

/** Where a request comes from. */
export interface Client {
  /** What is counted as one client: an IPv4 address, or the first 64 bits of an IPv6 one. */
  readonly key: string;
  /** Whether it comes from this very machine and through no proxy, as far as can be told. */
  readonly local: boolean;
}

/** Tells clients by their addresses, behind proxies that are trusted. */
export class ClientAddresses {
  readonly #hops: number;
  readonly #trusted: BlockList;
  readonly #behindProxy: boolean;

  /** @param trust proxies: 0 for none. */
  constructor(trust: TrustProxy = 0) {
    this.#hops = typeof trust === 'number' ? trust : 0;
    this.#trusted = blockList(typeof trust === 'number' ? [] : trust);
    this.#behindProxy = typeof trust !== 'number' || trust > 0;
  }

  of(request: IncomingMessage): Client {
    const direct = plain(request.socket.remoteAddress ?? '');
    const forwarded = FORWARDING_HEADERS.some((name) => request.headers[name] !== undefined);
    // A reverse proxy speaks HTTP/1.0 where it is not told otherwise, as nginx long has; no browser does.
    const local = !this.#behindProxy && !forwarded && request.httpVersion !== '1.0' && isLoopback(direct);
    return { key: keyOf(this.#behindProxy ? this.#first(direct, request) : direct), local };
  }

  /** What a connection is counted under by itself; null where a trusted proxy has opened it. */
  ofPeer({ remoteAddress = '' }: Socket): string | null {
    const direct = plain(remoteAddress);
    return this.#behindProxy && this.#isProxy(direct, 0) ? null : keyOf(direct);
  }

  /** The first address, from the service outwards, that is not a trusted proxy. */
  #first(direct: string, request: IncomingMessage): string {
    const named = String(request.headers['x-forwarded-for'] ?? '')
      .split(',')
      .map((address) => plain(address.trim()))
      .filter((address) => address !== '');
    const chain = [direct, ...named.reverse()];
    let at = 0;
    while (at < chain.length - 1 && this.#isProxy(chain[at] as string, at)) at += 1;
    const found = chain[at] as string;
    return isIP(found) ? found : direct;
  }

  #isProxy(address: string, at: number): boolean {
    if (this.#hops > 0) return at < this.#hops;
    const family = isIP(address);
    return family !== 0 && this.#trusted.check(address, family === 6 ? 'ipv6' : 'ipv4');
  }
}

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(address, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  return list;
}

/** Without the port, the brackets and the zone that some write with an address; IPv4 as such. */
function plain(address: string): string {
  const bare = /^\[(.+)\](?::\d+)?$/.exec(address)?.[1] ?? address.replace(/^([\d.]+):\d+$/, '$1');
  return bare.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

/** One household has 2^64 IPv6 addresses or more, and counts once. */
function keyOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail = ''] = address.toLowerCase().split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const groups = address.includes('::')
    ? [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right]
    : left;
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
