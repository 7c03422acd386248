import { connect } from 'node:net';
import type { Chance } from './chance.ts';
import type { DocumentMaker } from './document.ts';
import type { Judge } from './judge.ts';

const ANSWER_TIMEOUT_MS = 30_000;
const STREAM_READ_MS = 200;
const ACCEPTED = [
  'application/json',
  'application/graphql-response+json',
  '*/*',
  'text/event-stream',
  'x/y',
  'text/html',
];
const TYPES = [
  'application/json',
  'application/json; charset=utf-8',
  'text/plain',
  'application/graphql',
  '',
  'multipart/form-data',
];

interface Asked {
  readonly origin: string;
  readonly chance: Chance;
  readonly maker: DocumentMaker;
  readonly judge: Judge;
  /** A recorder's. */
  readonly token: string;
}

/** One request over HTTP: an operation, as it should be sent or otherwise. */
export async function sendRequest(asked: Asked): Promise<void> {
  const { chance, maker, judge, origin, token } = asked;
  if (chance.percent(3)) return sendBytes(asked);
  const query = maker.operation(chance.percent(80) ? 'query' : chance.of(['mutation', 'subscription']));
  const authorization = chance.percent(70)
    ? undefined
    : chance.of([`Bearer ${token}`, 'Bearer x', 'Basic eDp5', 'x']);
  const headers: Record<string, string> = {
    accept: chance.percent(70) ? 'application/json' : chance.of(ACCEPTED),
    ...(authorization !== undefined && { authorization }),
    ...(chance.percent(5) && {
      'x-readout-min-position': chance.of(['1', '-1', 'x', '9999999999999999999']),
    }),
    ...(chance.percent(5) && { 'x-readout-cost': chance.of(['1', '0', 'x']) }),
  };
  const isGet = chance.percent(15);
  const params = new URLSearchParams({ query, ...(chance.percent(30) && { variables: variables(chance) }) });
  const path = isGet ? `${chance.of(['/graphql', '/live'])}?${params}` : '/graphql';
  const init = isGet
    ? { headers }
    : {
        method: chance.percent(97) ? 'POST' : chance.of(['PUT', 'DELETE', 'PATCH']),
        headers: { ...headers, 'content-type': chance.percent(90) ? 'application/json' : chance.of(TYPES) },
        body: body(query, chance),
      };
  const sent = JSON.stringify({ path, ...init });
  try {
    const response = await fetch(origin + path, { ...init, signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
    judge.http({ sent, status: response.status, body: await read(response) });
  } catch (error) {
    judge.count('HTTP broken off');
    if (error instanceof Error && error.name === 'TimeoutError') judge.fault('no answer', sent);
  }
}

/** The whole body; of a stream what comes at first. */
async function read(response: Response): Promise<string> {
  if (!response.headers.get('content-type')?.startsWith('text/event-stream') || !response.body)
    return response.text();
  const reader = response.body.getReader();
  let text = '';
  const late = setTimeout(() => void reader.cancel(), STREAM_READ_MS);
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    text += Buffer.from(part.value).toString();
  }
  clearTimeout(late);
  return text;
}

function variables(chance: Chance): string {
  return chance.of([
    '{}',
    'null',
    '[]',
    '"x"',
    '{"v":1}',
    '{',
    '{"v":{"not":{"not":{}}}}',
    '{"__proto__":{"v":1}}',
    '7',
  ]);
}

function body(query: string, chance: Chance): string {
  if (chance.percent(70)) return JSON.stringify({ query });
  if (chance.percent(50)) return `{"query":${JSON.stringify(query)},"variables":${variables(chance)}}`;
  return chance.of([
    JSON.stringify([{ query }, { query }]),
    JSON.stringify({ query, operationName: chance.of(['x', '', 7, null, {}]) }),
    JSON.stringify({
      query,
      extensions: chance.of([null, {}, [], 7, { persistedQuery: { version: 1, sha256Hash: 'x' } }]),
    }),
    JSON.stringify({ query, more: 1 }),
    JSON.stringify({ documentId: 'x' }),
    JSON.stringify({ query: chance.of([null, 7, [], {}]) }),
    '',
    'null',
    '{',
    '\u0000',
    `${'['.repeat(20_000)}`,
    `{"query":${JSON.stringify(query)},"variables":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}`,
  ]);
}

/** Bytes that are hardly HTTP. */
function sendBytes({ origin, chance, judge }: Asked): Promise<void> {
  const { hostname, port } = new URL(origin);
  const bytes = chance.of([
    'GET / HTTP/1.1\r\n\r\n',
    'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n{',
    'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\n{',
    'POST /graphql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\nzz\r\n',
    `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    'GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET /%00%ff HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET //x/graphql HTTP/1.1\r\nHost: x\r\n\r\n',
    '\u0016\u0003\u0001',
    'GET /graphql HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  ]);
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    const late = setTimeout(() => socket.destroy(), STREAM_READ_MS);
    socket.on('data', (data) => {
      text += String(data);
    });
    socket.on('error', () => undefined); // `close` follows
    socket.on('close', () => {
      clearTimeout(late);
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
      judge.http({ sent: JSON.stringify(bytes.slice(0, 200)), status, body: text });
      resolve();
    });
  });
}
