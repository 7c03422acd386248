import { WebSocket } from 'ws';
import { z } from 'zod';
import { ADDRESS_HEADER } from '../http/server/health.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const ANSWER_TIMEOUT_MS = 10_000;
const ENDPOINT_PATH = '/graphql';
const STREAM_PATH = '/live';
const SUBSCRIPTION = 'subscription { recordChanged { cursor } }';
const BEHIND_A_PROXY = '(docs/operating.md, “Behind a proxy”)';

const health = z.object({
  status: z.literal('ok'),
  address: z.enum(['connection', 'header', 'ignored header', 'missing header']),
});

/**
 * Checks a running service as a client sees it, through the proxies in front of it.
 * @param origin `https://readout.example`
 * @param token for a record that needs one to read.
 * @param timeoutMs how long an answer may take.
 */
export async function checkService(
  origin: string,
  token: string | undefined,
  timeoutMs = ANSWER_TIMEOUT_MS,
): Promise<Finding[]> {
  const answer = await fetch(new URL('/health', origin), {
    headers: { [ADDRESS_HEADER]: '1' },
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((error: Error) => error);
  if (answer instanceof Error) {
    const reason = answer.cause instanceof Error ? answer.cause.message : answer.message;
    return [
      fail(
        'service',
        `${origin} does not answer: ${reason}`,
        'Start the service, or check the proxy and the URL.',
      ),
    ];
  }
  const parsed = health.safeParse(await answer.json().catch(() => null));
  if (!parsed.success) {
    const result = `${origin}/health has the status ${answer.status} and is not that of Readout`;
    return [fail('service', result, 'Check the URL, and that the proxy passes all paths on.')];
  }
  const { address } = parsed.data;
  const proxy = answer.headers.get('via') ?? answer.headers.get('server');
  const authorization = token === undefined ? undefined : `Bearer ${token}`;
  return [
    ok('service', `${origin} answers`),
    checkAddress(address, proxy),
    ...(await Promise.all([
      checkStream(origin, authorization, timeoutMs),
      checkSocket(origin, authorization, timeoutMs),
    ])),
  ];
}

/** @param proxy the header `Via` or `Server` of the answer; null where it has neither. */
function checkAddress(address: z.output<typeof health>['address'], proxy: string | null): Finding {
  const name = 'client addresses';
  if (address === 'header') return ok(name, 'the proxy names them, and is trusted');
  if (address === 'ignored header') {
    return fail(
      name,
      'a proxy names them in X-Forwarded-For, and is not trusted, so all clients share one budget',
      `Set TRUST_PROXY to the number of proxies or to their addresses ${BEHIND_A_PROXY}.`,
    );
  }
  if (address === 'missing header') {
    return fail(
      name,
      'TRUST_PROXY is set, and the proxy does not send X-Forwarded-For',
      `Let it send the header ${BEHIND_A_PROXY}.`,
    );
  }
  if (proxy === null) return ok(name, 'those of the connections; no proxy was found');
  return fail(
    name,
    `a proxy (${proxy}) is in front of the service and does not name them, so all clients share one budget`,
    `Let it send X-Forwarded-For, and set TRUST_PROXY ${BEHIND_A_PROXY}.`,
  );
}

/** Whether the beginning of an event stream arrives while the stream is open. */
async function checkStream(
  origin: string,
  authorization: string | undefined,
  timeoutMs: number,
): Promise<Finding> {
  const name = 'server-sent events';
  const url = new URL(STREAM_PATH, origin);
  url.searchParams.set('query', SUBSCRIPTION);
  const aborted = new AbortController();
  const timer = setTimeout(() => aborted.abort(), timeoutMs);
  try {
    const response = await fetch(url, {
      headers: { accept: 'text/event-stream', ...(authorization !== undefined && { authorization }) },
      signal: aborted.signal,
    });
    if (response.status === 401 || response.status === 403) return needsToken(name);
    if (!response.ok)
      return fail(
        name,
        `${url.pathname} has the status ${response.status}`,
        `Let the proxy pass ${STREAM_PATH} on.`,
      );
    const first = await response.body?.getReader().read();
    return first?.done === false
      ? ok(name, 'arrive without delay')
      : fail(name, 'the stream ended immediately', 'Let the proxy keep connections open.');
  } catch (error) {
    if (!aborted.signal.aborted)
      return fail(name, (error as Error).message, `Let the proxy pass ${STREAM_PATH} on.`);
    return fail(
      name,
      `nothing arrived within ${timeoutMs / 1_000} s`,
      `The proxy buffers answers: let it pass ${STREAM_PATH} on without delay (nginx: “proxy_buffering off”, and no “proxy_ignore_headers X-Accel-Buffering”).`,
    );
  } finally {
    clearTimeout(timer);
    aborted.abort();
  }
}

/** Whether a WebSocket can be opened and its protocol begins. */
async function checkSocket(
  origin: string,
  authorization: string | undefined,
  timeoutMs: number,
): Promise<Finding> {
  const name = 'WebSocket';
  const url = new URL(ENDPOINT_PATH, origin.replace(/^http/, 'ws'));
  const socket = new WebSocket(url, 'graphql-transport-ws', { handshakeTimeout: timeoutMs });
  const timer = setTimeout(() => socket.terminate(), timeoutMs);
  try {
    return await new Promise<Finding>((resolve) => {
      const upgrade = `Let the proxy pass Upgrade and Connection on ${BEHIND_A_PROXY}.`;
      socket.on('open', () =>
        socket.send(
          JSON.stringify({
            type: 'connection_init',
            ...(authorization !== undefined && { payload: { authorization } }),
          }),
        ),
      );
      socket.on('message', (data) =>
        resolve(
          String(data).includes('connection_ack')
            ? ok(name, 'passes')
            : fail(name, `the answer was ${String(data).slice(0, 200)}`, upgrade),
        ),
      );
      socket.on('error', (error) => resolve(fail(name, error.message, upgrade)));
      socket.on('close', (code) =>
        resolve(
          code === 4403 || code === 4401 ? needsToken(name) : fail(name, `closed with ${code}`, upgrade),
        ),
      );
    });
  } finally {
    clearTimeout(timer);
    socket.terminate();
  }
}

function needsToken(name: string): Finding {
  return warn(name, 'reading needs a token, so this was not checked', 'Set READOUT_TOKEN.');
}
