import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';

const PATH = '/graphql';
/** Texts of a megabyte that one operation may ask for. */
const TEXTS_MAX = 7;

/** A client that sends what takes memory, from one address of this machine. */
export class Attacker {
  readonly #port: number;
  readonly #address: string;
  readonly #recorderToken: string;
  readonly #open: (() => void)[] = [];
  #stopped = false;

  constructor(port: number, address: string, recorderToken: string) {
    this.#port = port;
    this.#address = address;
    this.#recorderToken = recorderToken;
  }

  stop(): void {
    this.#stopped = true;
    for (const close of this.#open.splice(0)) close();
  }

  /** Subscriptions with filters of empty lists, each different. */
  async emptyLists(): Promise<void> {
    const lists = { speakers: [], addressees: [], attributedTo: [], events: [], sources: [], topics: [] };
    await this.#subscriptions(48, (i) => ({
      speakers: [`n${i}`],
      any: Array.from({ length: 65 }, () => lists),
    }));
  }

  /** Subscriptions whose filters name a slug of 60,000 characters. */
  async longSlugs(): Promise<void> {
    await this.#subscriptions(20, (i) => ({ speakers: [`${i}-${'x'.repeat(60_000)}`] }));
  }

  /** Subscriptions with filters of many slugs as long as slugs may be. */
  async manySlugs(): Promise<void> {
    await this.#subscriptions(20, (i) => ({
      speakers: Array.from({ length: 100 }, (_, k) => `${'x'.repeat(70)}-${i}-${k}`),
      topics: Array.from({ length: 100 }, (_, k) => `${'y'.repeat(70)}-${i}-${k}`),
    }));
  }

  /** Subscriptions with different documents of many fields. */
  async longDocuments(): Promise<void> {
    const fields = Array.from({ length: 90 }, (_, i) => `a${i}: cursor`).join(' ');
    await this.#sockets(10, async (socket, n) => {
      for (let i = 0; i < 100; i += 1) {
        const query = `subscription { statementAdded { b${n}_${i}: previous ${fields} } }`;
        socket.send(JSON.stringify({ id: `${i}`, type: 'subscribe', payload: { query } }));
        await sleep(5);
      }
    });
  }

  /** Subscriptions with ids of 120,000 characters, and connection parameters of 60,000. */
  async longIds(): Promise<void> {
    const query = 'subscription { statementAdded { cursor } }';
    await this.#sockets(20, async (socket, n) => {
      for (let i = 0; i < 50; i += 1) {
        const id = `${n}-${i}-${'i'.repeat(120_000)}`;
        socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query } }));
        await sleep(10);
      }
    });
  }

  /** Answers of some megabytes that are not read. */
  async unreadAnswers(): Promise<void> {
    for (let i = 0; i < 38; i += 1) this.#raw(post(texts(TEXTS_MAX)), false);
    await sleep(0);
  }

  /** Hundreds of requests on one connection, whose answers are not read. */
  async unreadPipelines(): Promise<void> {
    for (let i = 0; i < 50; i += 1) this.#raw(post(texts(1)).repeat(200), false);
    await sleep(0);
  }

  /** The same over WebSocket. */
  async unreadSockets(): Promise<void> {
    await this.#sockets(50, async (socket) => {
      pauseReading(socket);
      for (let i = 0; i < 10; i += 1) {
        socket.send(JSON.stringify({ id: `${i}`, type: 'subscribe', payload: { query: texts(TEXTS_MAX) } }));
        await sleep(50);
      }
    });
  }

  /** Replays of the whole record with their texts, which are not read. */
  async unreadReplays(): Promise<void> {
    const query = 'subscription { statementAdded(after: "0") { cursor statement { text source { text } } } }';
    for (let i = 0; i < 50; i += 1) {
      this.#raw(`GET /live?query=${encodeURIComponent(query)} HTTP/1.1\r\nHost: x\r\n\r\n`, false);
    }
    await sleep(0);
  }

  /** Requests that are sent behind an event stream, so that their answers wait until it ends. */
  async pipelinesBehindStreams(): Promise<void> {
    const query = encodeURIComponent('subscription { statementAdded { cursor } }');
    const stream = `GET /live?query=${query} HTTP/1.1\r\nHost: x\r\n\r\n`;
    for (let i = 0; i < 190; i += 1) {
      this.#raw(stream + 'GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(i % 2 === 0 ? 99 : 1_900), false);
      await sleep(20);
    }
  }

  /** Requests with as many headers as fit, each on a connection that stays open. */
  async manyHeaders(): Promise<void> {
    const headers = Array.from({ length: 1_900 }, (_, i) => `a${i % 10}:b`).join('\r\n');
    for (let i = 0; i < 450; i += 1) {
      this.#raw(`GET /nothing HTTP/1.1\r\nHost: x\r\n${headers}\r\n\r\n`, true);
      await sleep(10);
    }
  }

  /** Imports of statements with many long mentions, which are looked up by name and by office. */
  async manyMentions(): Promise<void> {
    const mentions = Array.from({ length: 50 }, (_, i) => ({ as: `${'制裁 of '.repeat(40)}${i}` }));
    const fields = { text: 'x', mode: 'INDIRECT', act: 'STATE', said: '2026-01-01', source: 'big', mentions };
    const lines = (first: number): string =>
      Array.from(
        { length: 50 },
        (_, i) => `${JSON.stringify({ statement: { key: `${this.#address} ${first + i}`, ...fields } })}\n`,
      ).join('');
    const head = `POST /import HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${this.#recorderToken}\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const socket = this.#raw(head, true);
    for (let first = 0; !this.#stopped && !socket.destroyed; first += 50) {
      const piece = lines(first);
      if (!socket.write(`${Buffer.byteLength(piece).toString(16)}\r\n${piece}\r\n`)) {
        await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
      }
    }
  }

  /** Bodies that nearly come to their end. */
  async slowBodies(): Promise<void> {
    for (let i = 0; i < 600; i += 1) {
      const head = `POST ${PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 130000\r\n\r\n`;
      this.#raw(head + ' '.repeat(129_000), true);
      if (i % 20 === 0) await sleep(5);
    }
  }

  /** Bodies in pieces of one byte, which no route reads, of streams that stay open and of other requests. */
  async smallPieces(): Promise<void> {
    const query = encodeURIComponent('subscription { statementAdded { cursor } }');
    const pieces = '1\r\n \r\n'.repeat(490);
    for (let i = 0; i < 300; i += 1) {
      const start = i % 3 === 0 ? `GET /live?query=${query}` : 'POST /nothing';
      this.#raw(`${start} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${pieces}`, true);
      if (i % 20 === 0) await sleep(5);
    }
  }

  /** Headers that nearly come to their end. */
  async slowHeaders(): Promise<void> {
    for (let i = 0; i < 600; i += 1) {
      this.#raw(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'h'.repeat(15_000)}`, true);
      if (i % 20 === 0) await sleep(5);
    }
  }

  /** Documents of twenty operations, each of which is asked for three times. */
  async manyOperations(): Promise<void> {
    const fields = 'slug text quote act mode speakers { slug name } topics { topic { slug } stance }';
    for (let n = 0; n < 100 && !this.#stopped; n += 1) {
      const operations = Array.from(
        { length: 20 },
        (_, i) => `query Q${i} { a${n}: statements(first: 1) { nodes { ${fields} } } }`,
      );
      for (let i = 0; i < 60; i += 1) {
        await this.#ask(operations.join(' '), `Q${i % 20}`);
      }
    }
  }

  /** Variables that take many times their length when they were parsed. */
  async wideVariables(): Promise<void> {
    const lists = Array.from({ length: 80 }, () => `[${Array.from({ length: 450 }, () => '{}').join()}]`);
    const body = `{"query":"{ record { position } }","variables":{"x":[${lists.join()}]}}`;
    for (let i = 0; i < 50; i += 1) this.#raw(postBody(body).repeat(20), true);
    await sleep(0);
  }

  async #subscriptions(sockets: number, filterOf: (i: number) => object): Promise<void> {
    const query = 'subscription ($filter: StatementFilter) { statementAdded(filter: $filter) { cursor } }';
    await this.#sockets(sockets, async (socket, n) => {
      for (let i = 0; i < 100; i += 1) {
        const payload = { query, variables: { filter: filterOf(n * 100 + i) } };
        socket.send(JSON.stringify({ id: `${i}`, type: 'subscribe', payload }));
        await sleep(5);
      }
    });
  }

  async #sockets(count: number, use: (socket: WebSocket, n: number) => Promise<void>): Promise<void> {
    const socketOf = (n: number): void => {
      if (this.#stopped) return;
      const url = `ws://127.0.0.1:${this.#port}${PATH}`;
      const socket = new WebSocket(url, 'graphql-transport-ws', { localAddress: this.#address });
      socket.on('error', () => undefined); // the service may refuse or end it
      socket.on('open', () => socket.send('{"type":"connection_init"}'));
      socket.once('message', () => void use(socket, n).catch(() => undefined)); // it may have ended
      this.#open.push(() => socket.terminate());
    };
    for (let n = 0; n < count; n += 1) {
      socketOf(n);
      await sleep(10);
    }
  }

  #raw(text: string, reads: boolean): Socket {
    const socket = connect({ port: this.#port, host: '127.0.0.1', localAddress: this.#address });
    socket.on('error', () => undefined); // the service may end it
    if (reads) socket.resume();
    else socket.pause();
    socket.write(text);
    this.#open.push(() => socket.destroy());
    return socket;
  }

  /** Sends a query and waits until its answer has come, or the connection has ended. */
  async #ask(query: string, operationName: string): Promise<void> {
    const body = JSON.stringify({ query, operationName });
    const socket = this.#raw(postBody(body, 'close'), true);
    await new Promise((resolve) => socket.once('close', resolve));
    this.#open.pop();
  }
}

/** Stops reading what comes over a socket; what is sent goes on. */
function pauseReading(socket: WebSocket): void {
  (socket as unknown as { _socket: Socket })._socket.pause();
}

function texts(count: number): string {
  return `{ ${Array.from({ length: count }, (_, i) => `t${i}: source(slug: "big") { text }`).join(' ')} }`;
}

function post(query: string): string {
  return postBody(JSON.stringify({ query }));
}

function postBody(body: string, connection = 'keep-alive'): string {
  const length = Buffer.byteLength(body);
  return `POST ${PATH} HTTP/1.1\r\nHost: x\r\nConnection: ${connection}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`;
}
