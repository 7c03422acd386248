import { WebSocket } from 'ws';
import type { Chance } from './chance.ts';
import type { DocumentMaker } from './document.ts';
import type { Judge } from './judge.ts';

const TALK_MS = 400;
const FRAMES_MAX = 12;

export interface Talk {
  readonly origin: string;
  readonly chance: Chance;
  readonly maker: DocumentMaker;
  readonly judge: Judge;
}

/** One WebSocket: frames of the protocol, as they should be and otherwise, and an end in one way or another. */
export function talk({ origin, chance, maker, judge }: Talk): Promise<void> {
  const frames = chance.times(1 + chance.below(FRAMES_MAX), () => frame(chance, maker));
  const sent = JSON.stringify(frames.map(String)).slice(0, 1_500);
  const waits = chance.percent(80);
  const ending = chance.of(['close', 'terminate'] as const);
  const protocol = chance.percent(97) ? 'graphql-transport-ws' : 'graphql-ws';
  return new Promise((resolve) => {
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/graphql`, protocol);
    const sendAll = (): void => {
      for (const each of frames) if (socket.readyState === socket.OPEN) socket.send(each);
    };
    const late = setTimeout(() => socket[ending](), TALK_MS);
    socket.on('error', () => undefined); // `close` follows
    socket.on('open', () => {
      if (waits) socket.send(JSON.stringify({ type: 'connection_init' }));
      else sendAll();
    });
    socket.on('message', (data) => {
      const text = String(data);
      judge.count(`message ${/"type":"(\w+)"/.exec(text)?.[1]}`);
      judge.text(sent, text);
      if (waits && text.includes('connection_ack')) sendAll();
    });
    socket.on('close', (code) => {
      clearTimeout(late);
      judge.close(code, sent);
      resolve();
    });
  });
}

function frame(chance: Chance, maker: DocumentMaker): string | Buffer {
  const id = chance.percent(80)
    ? String(chance.below(5))
    : chance.of(['', '__proto__', '\u0000', 'x'.repeat(1_000)]);
  const kind = chance.of(['query', 'query', 'subscription', 'mutation'] as const);
  const right = chance.of([
    () => ({ id, type: 'subscribe', payload: { query: maker.operation(kind) } }),
    () => ({ id, type: 'subscribe', payload: { query: maker.operation('subscription') } }),
    () => ({ id, type: 'complete' }),
    () => ({ type: 'ping', payload: { x: chance.below(9) } }),
    () => ({ type: 'pong' }),
  ])();
  const text = JSON.stringify(right);
  if (chance.percent(85)) return text;
  return chance.of<() => string | Buffer>([
    () => text.slice(0, chance.below(text.length)),
    () => Buffer.from(text),
    () => text.replace(/"(id|type|payload|query)"/, '"$1x"'),
    () => text.replace(/:"[^"]*"/, chance.of([':null', ':7', ':[]', ':{}'])),
    () => JSON.stringify({ type: 'connection_init' }),
    () => JSON.stringify({ ...right, type: chance.of(['next', 'error', 'start', 'stop', 7, null]) }),
    () => 'x'.repeat(chance.of([0, 1, 70_000, 300_000])),
    () => `[${text}]`,
  ])();
}
