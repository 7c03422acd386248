import type { IncomingMessage } from 'node:http';
import { isIP, type Socket } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { TrustProxy } from '../../config/trustProxy.ts';

const FORWARDING_HEADERS = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'] as const;

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Where a request comes from. */
export interface Client {
  /** What is counted as one client: an IPv4 address, or the first 64 bits of an IPv6 one. */
  readonly key: string;
  /** Whether the operator has exempted this address from the limits that hold for each client. */
  readonly exempt: boolean;
}

/**
 * How the address of a client is known. `connection`: the client has connected to the service itself. `header`: a trusted proxy names it.
 * `ignored header`: a proxy that is not trusted names it. `missing header`: a trusted proxy does not name it.
 */
export type AddressOrigin = 'connection' | 'header' | 'ignored header' | 'missing header';

export interface ClientAddressOptions {
  /** Trusted proxies. Their X-Forwarded-For is believed. Default: none. */
  readonly trustProxy?: TrustProxy;
  /** Addresses and ranges of exempt clients. Default: none. */
  readonly exempt?: readonly string[];
  /** Called once, when a request seems to come through a proxy that is not trusted. */
  readonly notice?: (message: string) => void;
}

/** Identifies clients by their addresses, also behind trusted proxies. */
export class ClientAddresses {
  readonly #hops: number;
  readonly #trusted: AddressRanges;
  readonly #exempt: AddressRanges;
  readonly #behindProxy: boolean;
  /** Cached clients of direct connections, because parsing an address takes a few microseconds. */
  readonly #direct = new WeakMap<Socket, Client>();
  #notice: ((message: string) => void) | null;

  constructor({ trustProxy = 0, exempt = [], notice }: ClientAddressOptions = {}) {
    this.#hops = typeof trustProxy === 'number' ? trustProxy : 0;
    this.#trusted = new AddressRanges(typeof trustProxy === 'number' ? [] : trustProxy);
    this.#exempt = new AddressRanges(exempt);
    this.#behindProxy = typeof trustProxy !== 'number' || trustProxy > 0;
    this.#notice = this.#behindProxy ? null : (notice ?? null);
  }

  of(request: IncomingMessage): Client {
    const { socket } = request;
    if (this.#behindProxy) {
      const direct = parse(socket.remoteAddress);
      return this.#clientAt(direct && this.#first(direct, request));
    }
    let client = this.#direct.get(socket);
    if (!client) {
      if (this.#notice) this.#noticeProxy(this.#notice, request);
      client = this.#clientAt(parse(socket.remoteAddress));
      this.#direct.set(socket, client);
    }
    return client;
  }

  /** How the address of a client is known, for the operator who sets a proxy up. */
  knownBy(request: IncomingMessage): AddressOrigin {
    const isNamed = request.headers['x-forwarded-for'] !== undefined;
    if (!this.#behindProxy) return isNamed ? 'ignored header' : 'connection';
    if (!this.#isProxy(parse(request.socket.remoteAddress), 0))
      return isNamed ? 'ignored header' : 'connection';
    return isNamed ? 'header' : 'missing header';
  }

  /** @param address null for a closed connection, whose address is no longer known. */
  #clientAt(address: Address | null): Client {
    return address ? { key: keyOf(address), exempt: this.#exempt.has(address) } : { key: '', exempt: false };
  }

  /** The address that a connection counts for; null where a trusted proxy or an exempt client has opened it. */
  ofPeer({ remoteAddress }: Socket): string | null {
    const direct = parse(remoteAddress);
    if (this.#behindProxy && this.#isProxy(direct, 0)) return null;
    const { key, exempt } = this.#clientAt(direct);
    return exempt ? null : key;
  }

  /**
   * The first address, from the service outwards, that is not a trusted proxy. No further one is parsed: the rest of the header is from the
   * client, who can name thousands.
   */
  #first(direct: Address, { headers }: IncomingMessage): Address {
    let rest = String(headers['x-forwarded-for'] ?? '');
    let address: Address | null = direct;
    for (let at = 0; rest !== '' && this.#isProxy(address, at); ) {
      const comma = rest.lastIndexOf(',');
      const text = rest.slice(comma + 1).trim();
      rest = rest.slice(0, Math.max(comma, 0));
      if (text === '') continue;
      address = parse(text);
      at += 1;
    }
    return address ?? direct;
  }

  #isProxy(address: Address | null, at: number): boolean {
    if (this.#hops > 0) return at < this.#hops;
    return address !== null && this.#trusted.has(address);
  }

  #noticeProxy(notice: (message: string) => void, { headers }: IncomingMessage): void {
    const header = FORWARDING_HEADERS.find((name) => headers[name] !== undefined);
    if (header === undefined) return;
    this.#notice = null;
    notice(
      `A request has the header “${header}”, and TRUST_PROXY is not set. If a proxy forwards requests, all its clients share one budget: let it send X-Forwarded-For, and set TRUST_PROXY to the number of proxies or to their addresses.`,
    );
  }
}

/** A set of addresses and of ranges such as `10.0.0.0/8`. */
class AddressRanges {
  readonly #ranges: readonly (readonly [address: Address, bits: number])[];

  constructor(ranges: readonly string[]) {
    this.#ranges = ranges.map((range) =>
      ipaddr.parseCIDR(range.includes('/') ? range : `${range}/${isIP(range) === 6 ? 128 : 32}`),
    );
  }

  has(address: Address): boolean {
    return this.#ranges.some(
      ([range, bits]) => range.kind() === address.kind() && address.match(range, bits),
    );
  }
}

/** Removes port and brackets from an address. An IPv4 address in IPv6 form becomes IPv4. */
function parse(text = ''): Address | null {
  const bare = /^\[(.+)\](?::\d+)?$/.exec(text)?.[1] ?? text.replace(/^([\d.]+):\d+$/, '$1');
  return isIP(bare) === 0 ? null : ipaddr.process(bare);
}

/** One household has 2^64 IPv6 addresses or more, so its prefix counts as one client. */
function keyOf(address: Address): string {
  if (address.kind() === 'ipv4') return address.toString();
  const { parts } = address as ipaddr.IPv6;
  const network = parts.slice(0, 4).map((part) => part.toString(16));
  return `${network.join(':')}::/64`;
}
