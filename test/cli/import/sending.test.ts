import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { send } from '../../../src/cli/import/sending.ts';

it('an import that waits for the service many times leaves no listeners behind', async () => {
  const warnings: string[] = [];
  const warn = ({ name }: Error): void => void warnings.push(name);
  process.on('warning', warn);
  let received = 0;
  const server = createServer(async (request, response) => {
    for await (const bytes of request) received += (bytes as Buffer).length;
    response.end('{"report":{"complete":true}}\n');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/import`);
  const line = `${'x'.repeat(99_999)}\n`;
  async function* lines(): AsyncGenerator<string> {
    for (let i = 0; i < 100; i += 1) yield line;
  }
  const listener = { progress: () => undefined, refusal: () => undefined };
  expect(await send(address, undefined, lines(), listener)).toEqual({ complete: true });
  await turn();
  process.off('warning', warn);
  server.close();
  expect({ received, warnings }).toEqual({ received: 10_000_000, warnings: [] });
});

it('an import ends where a file can’t be read, and is not tried again', async () => {
  const server = createServer((request) => void request.resume());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/import`);
  // biome-ignore lint/correctness/useYield: the first line can't be read
  async function* lines(): AsyncGenerator<string> {
    await turn();
    throw new Error('a.dna is not a DNA file.');
  }
  const listener = { progress: () => undefined, refusal: () => undefined };
  const failure = await send(address, undefined, lines(), listener).catch((error: unknown) => error);
  server.close();
  expect(failure).toMatchObject({ message: 'a.dna is not a DNA file.', isRetryable: false });
});
