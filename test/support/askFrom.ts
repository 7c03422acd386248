import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';

export interface AddressedAnswer {
  readonly status: number;
  readonly body: { readonly data?: object; readonly errors?: readonly object[] };
}

/** Sends a query from a local address of this machine. On Linux that can be any address of 127.0.0.0/8. */
export async function askFrom(
  localAddress: string,
  origin: string,
  query: string,
  headers: Record<string, string> = {},
): Promise<AddressedAnswer> {
  const { host, port } = new URL(origin);
  const sent = request({
    ...{ host: '127.0.0.1', port, localAddress, path: '/graphql', method: 'POST', agent: false },
    headers: { host, 'content-type': 'application/json', ...headers },
  });
  sent.end(JSON.stringify({ query }));
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: response.statusCode as number, body: (await json(response)) as AddressedAnswer['body'] };
}
