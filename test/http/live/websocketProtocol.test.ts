import { connect } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import {
  CONNECTION_PARAMS_LENGTH_MAX,
  OPERATION_ID_LENGTH_MAX,
} from '../../../src/http/live/websocket/messages.ts';
import { CONNECTION_INIT_WAIT_MS } from '../../../src/http/live/websocket/protocol.ts';
import { MESSAGE_BYTES_MAX, MESSAGE_FRAGMENTS_MAX } from '../../../src/http/live/websocket/websocket.ts';
import { TestSocket } from '../../support/follow.ts';
import type { TestService } from '../../support/service.ts';
import { happens, until } from '../../support/until.ts';
import { useService } from '../../support/useService.ts';

let service: TestService;
useService('seed', (used) => {
  service = used.service;
});
afterAll(() => {
  expect(service.masked).toEqual([]);
});

type Sent = object | string | Buffer;
type Message = { readonly type: string; readonly id?: string; readonly payload?: unknown };

const INIT = { type: 'connection_init' };
const LIVE = 'subscription { statementAdded { cursor } }';
const QUERY = '{ record { __typename } }';
const subscribe = (id: string, query: string, more: object = {}) => ({
  id,
  type: 'subscribe',
  payload: { query, ...more },
});

/** A conversation by hand. Where it begins with an initialisation, the rest is sent as soon as that was accepted. */
class Conversation {
  readonly received: Message[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly socket: WebSocket;
  #waiting: (() => void)[] = [];
  #over = false;

  constructor(sent: readonly Sent[], protocol: string | null = 'graphql-transport-ws') {
    const url = `${service.origin.replace('http', 'ws')}/graphql`;
    this.socket = protocol === null ? new WebSocket(url) : new WebSocket(url, protocol);
    this.socket.on('error', () => undefined); // `close` follows
    this.closed = new Promise((resolve) =>
      this.socket.on('close', (code, reason) => resolve({ code, reason: String(reason) })),
    );
    const [first, ...rest] = sent;
    this.socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as Message;
      this.received.push(message);
      if (message.type === 'connection_ack') this.send(...rest);
      for (const wake of this.#waiting.splice(0)) wake();
    });
    this.socket.on('close', () => {
      this.#over = true;
      for (const wake of this.#waiting.splice(0)) wake();
    });
    this.socket.on('open', () => this.send(...(first === undefined ? [] : [first])));
  }

  send(...messages: readonly Sent[]): void {
    for (const message of messages) {
      this.socket.send(
        typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message),
      );
    }
  }

  /** Resolves when a message fits. */
  async until(fits: (message: Message) => boolean): Promise<Message> {
    for (;;) {
      const found = this.received.find(fits);
      if (found) return found;
      if (this.#over) throw new Error(`closed after ${JSON.stringify(this.received)}`);
      await happens(
        `a message after ${JSON.stringify(this.received)}`,
        new Promise<void>((resolve) => this.#waiting.push(resolve)),
      );
    }
  }

  types(): string[] {
    return this.received.map(({ type, id }) => (id === undefined ? type : `${type} ${id}`));
  }

  async end(): Promise<void> {
    this.socket.close();
    await happens('the close of a socket', this.closed);
  }
}

describe('a connection', () => {
  it('is acknowledged once it has been initialised, with parameters or without', async () => {
    for (const init of [INIT, { ...INIT, payload: null }, { ...INIT, payload: { any: ['thing'] } }]) {
      const talk = new Conversation([init]);
      expect(await talk.until(() => true)).toEqual({ type: 'connection_ack' });
      await talk.end();
    }
  });

  it('answers a ping with a pong and its payload, before and after it was accepted, and says nothing to a pong', async () => {
    const talk = new Conversation([{ type: 'ping' }]);
    await talk.until(({ type }) => type === 'pong');
    talk.send(INIT, { type: 'pong', payload: { x: 1 } }, { type: 'ping', payload: { at: 7 } });
    await talk.until(({ payload }) => payload !== undefined);
    await talk.until(({ type }) => type === 'connection_ack');
    expect(talk.received).toHaveLength(3);
    expect(talk.received).toContainEqual({ type: 'pong' });
    expect(talk.received).toContainEqual({ type: 'pong', payload: { at: 7 } });
    await talk.end();
  });

  it.each<[what: string, code: number, sent: readonly Sent[], protocol?: string | null]>([
    ['initialises twice', 4429, [INIT, INIT]],
    ['subscribes before it is accepted', 4401, [subscribe('1', QUERY)]],
    ['uses an id twice', 4409, [INIT, subscribe('1', LIVE), subscribe('1', LIVE)]],
    ['sends no JSON', 4400, [INIT, '{']],
    ['sends JSON that is no object', 4400, [INIT, '7']],
    ['sends null', 4400, ['null']],
    ['sends a list', 4400, [INIT, '[]']],
    ['sends an unknown type', 4400, [INIT, { type: 'start', id: '1' }]],
    ['sends no type', 4400, [INIT, {}]],
    ['sends a type of the server’s', 4400, [INIT, { type: 'next', id: '1' }]],
    ['subscribes without an id', 4400, [INIT, { type: 'subscribe', payload: { query: QUERY } }]],
    ['subscribes with an empty id', 4400, [INIT, subscribe('', QUERY)]],
    ['subscribes without a payload', 4400, [INIT, { type: 'subscribe', id: '1' }]],
    ['subscribes without a query', 4400, [INIT, { type: 'subscribe', id: '1', payload: {} }]],
    [
      'subscribes with a query that is no text',
      4400,
      [INIT, { type: 'subscribe', id: '1', payload: { query: 1 } }],
    ],
    ['subscribes with variables that are a text', 4400, [INIT, subscribe('1', QUERY, { variables: 'x' })]],
    ['has a payload in its initialisation that is a text', 4400, [{ ...INIT, payload: 'x' }]],
    ['completes without an id', 4400, [INIT, { type: 'complete' }]],
    ['sends a binary frame', 4400, [INIT, Buffer.from(JSON.stringify({ type: 'ping' }))]],
    ['has an id that is too long', 4400, [INIT, subscribe('x'.repeat(OPERATION_ID_LENGTH_MAX + 1), QUERY)]],
    [
      'has parameters that are too long',
      4400,
      [{ ...INIT, payload: { x: 'x'.repeat(CONNECTION_PARAMS_LENGTH_MAX) } }],
    ],
    ['sends a message that is too long', 1009, [INIT, 'x'.repeat(MESSAGE_BYTES_MAX + 1)]],
    ['sends text that is no UTF-8', 1007, [INIT, 'invalid']],
    ['speaks no protocol', 4406, [], null],
  ])('that %s is closed with %i', async (what, code, sent, protocol) => {
    const talk = new Conversation(what.includes('UTF-8') ? [INIT] : sent, protocol);
    if (what.includes('UTF-8')) {
      await talk.until(() => true);
      talk.socket.send(Buffer.from([0xff, 0xfe, 0xfd]), { binary: false });
    }
    expect((await happens('the close of a socket', talk.closed)).code).toBe(code);
  });

  it('that sends a message in too many pieces is closed with 1008', async () => {
    const talk = new Conversation([INIT]);
    await talk.until(() => true);
    for (let i = 0; i <= MESSAGE_FRAGMENTS_MAX; i += 1) talk.socket.send('x', { fin: false });
    expect((await happens('the close of a socket', talk.closed)).code).toBe(1008);
  });

  it(
    'that does not initialise in time is closed with 4408',
    async () => {
      const talk = new Conversation([]);
      expect((await happens('the close of a socket', talk.closed)).code).toBe(4408);
    },
    CONNECTION_INIT_WAIT_MS * 3,
  );

  it('that is no WebSocket after all, or is at another path, is answered and ended', async () => {
    const answer = (path: string, more: string): Promise<string> =>
      new Promise((resolve) => {
        let text = '';
        const head = `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n`;
        const socket = connect(service.http.port, '127.0.0.1', () => socket.write(`${head}${more}\r\n`));
        socket.on('data', (data) => {
          text += String(data);
        });
        socket.on('close', () => resolve(text));
      });
    expect(await answer('/graphql', 'Upgrade: websocket\r\n')).toMatch(/^HTTP\/1.1 400/);
    expect(await answer('/other', 'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n')).toMatch(
      /^HTTP\/1.1 404/,
    );
    const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 7\r\n';
    expect(await answer('/graphql', `Upgrade: websocket\r\n${key}`)).toMatch(/^HTTP\/1.1 4\d\d/);
  });

  it('ignores the completion of an id that nothing runs under', async () => {
    const talk = new Conversation([INIT, { type: 'complete', id: 'none' }, subscribe('1', QUERY)]);
    await talk.until(({ type }) => type === 'complete');
    expect(talk.types()).toEqual(['connection_ack', 'next 1', 'complete 1']);
    await talk.end();
  });

  it('is not harmed by what other connections send wrong', async () => {
    const well = new TestSocket(service.origin);
    const following = well.follow({ query: LIVE });
    await well.ready();
    await Promise.all(['{', 'null', '[]'].map((garbage) => new Conversation([INIT, garbage]).closed));
    expect(await well.follow({ query: QUERY }).ended()).toEqual({ type: 'complete' });
    expect(following.failures).toEqual([]);
    await well.close();
  });
});

describe('an operation', () => {
  it('that is a query gives one result and completes', async () => {
    const talk = new Conversation([INIT, subscribe('a', QUERY)]);
    await talk.until(({ type }) => type === 'complete');
    expect(talk.received.slice(1)).toEqual([
      { id: 'a', type: 'next', payload: { data: { record: { __typename: 'Record' } } } },
      { id: 'a', type: 'complete' },
    ]);
    await talk.end();
  });

  it.each([
    ['can’t be parsed', '{', 'GRAPHQL_PARSE_FAILED'],
    ['is not valid', '{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    ['is empty', '', 'GRAPHQL_PARSE_FAILED'],
    [
      'has variables that don’t fit',
      'query ($n: Int!) { statements(first: $n) { nodes { id } } }',
      undefined,
    ],
    [
      'is a subscription with an invalid argument',
      'subscription { statementAdded(after: "x") { cursor } }',
      'INVALID_INPUT',
    ],
  ])('that %s ends with an error of its own, and its id is free again', async (_, query, code) => {
    const talk = new Conversation([INIT, subscribe('1', query)]);
    const over = await talk.until(({ type }) => type === 'error' || type === 'complete');
    const payload = over.type === 'error' ? over.payload : talk.received[1]?.payload;
    const errors = (Array.isArray(payload) ? payload : (payload as { errors: unknown }).errors) as {
      extensions?: { code?: string };
    }[];
    expect(errors).toHaveLength(1);
    if (code) expect(errors[0]?.extensions?.code).toBe(code);
    expect(JSON.stringify(errors)).not.toContain('"http"');
    talk.send(subscribe('1', QUERY));
    await talk.until(({ type, payload }) => type === 'next' && JSON.stringify(payload).includes('Record'));
    await talk.end();
  });

  it('that its client has completed is not spoken of again', async () => {
    const talk = new Conversation([
      INIT,
      subscribe('live', LIVE),
      { type: 'complete', id: 'live' },
      subscribe('live', LIVE),
      { type: 'complete', id: 'live' },
      subscribe('end', QUERY),
    ]);
    await talk.until(({ type, id }) => type === 'complete' && id === 'end');
    expect(talk.types().filter((type) => type.endsWith('live'))).toEqual([]);
    await talk.end();
  });

  it('that is completed while it is being prepared gives way to the next one of its id', async () => {
    const ahead = 'subscription { statementAdded(after: "999999") { cursor } }';
    const talk = new Conversation([
      INIT,
      // The check that the position is ahead of the record takes longer than the other operation.
      subscribe('1', ahead),
      { type: 'complete', id: '1' },
      subscribe('1', LIVE),
      subscribe('end', ahead),
    ]);
    await talk.until(({ type, id }) => type === 'error' && id === 'end');
    expect(talk.types()).toEqual(['connection_ack', 'error end']);
    expect(service.hub.counts.readers).toBe(1);
    talk.send(subscribe('1', LIVE));
    expect((await happens('the close of a socket', talk.closed)).code).toBe(4409);
    await until('no reader', () => service.hub.counts.readers === 0);
  });

  it('that is open gives way to the next one of its id as soon as it is completed', async () => {
    const talk = new Conversation([INIT, subscribe('1', LIVE)]);
    const readers = (): number => service.hub.counts.readers;
    await until('a reader', () => service.hub.counts.readers === 1);
    talk.send({ type: 'complete', id: '1' }, subscribe('1', LIVE), subscribe('end', QUERY));
    await talk.until(({ type, id }) => type === 'complete' && id === 'end');
    expect(talk.types()).toEqual(['connection_ack', 'next end', 'complete end']);
    expect(readers()).toBe(1);
    await talk.end();
    await until('no reader', () => service.hub.counts.readers === 0);
  });

  it('runs beside the largest number of others on one socket, and one more is refused', async () => {
    const talk = new Conversation([
      INIT,
      ...Array.from({ length: 100 }, (_, i) => subscribe(`live-${i}`, LIVE)),
      subscribe('more', LIVE),
    ]);
    const refused = await talk.until(({ type }) => type === 'error');
    expect(refused).toMatchObject({ id: 'more', payload: [{ extensions: { code: 'LIMIT_EXCEEDED' } }] });
    expect(JSON.stringify(refused)).not.toContain('"http"');
    talk.send({ type: 'complete', id: 'live-7' }, subscribe('again', QUERY));
    await talk.until(({ type, id }) => type === 'complete' && id === 'again');
    expect(talk.received.filter(({ type }) => type === 'error')).toHaveLength(1);
    await talk.end();
  });

  it('takes ids as they are, whatever they look like', async () => {
    for (const id of ['"', '\\', '__proto__', 'constructor', 'hasOwnProperty', '\u2028', '🙂', '0']) {
      const talk = new Conversation([INIT, subscribe(id, QUERY)]);
      await talk.until(({ type }) => type === 'complete');
      expect(talk.received.slice(1).map((message) => message.id)).toEqual([id, id]);
      await talk.end();
    }
  });
});

describe('the service', () => {
  it('forgets every socket when it is gone, however it went', async () => {
    const talks = Array.from({ length: 30 }, () => new Conversation([INIT, subscribe('1', LIVE)]));
    await until('30 readers', () => service.hub.counts.readers === talks.length);
    for (const { socket } of talks) socket.terminate();
    await Promise.all(talks.map(({ closed }) => closed));
    const last = new Conversation([INIT, subscribe('1', QUERY)]);
    await last.until(({ type }) => type === 'complete');
    await last.end();
    await until('the end of all readers', () => service.hub.counts.readers === 0);
  });
});
