import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export const ISSUER = 'https://issuer.example/';
export const AUDIENCE = 'readout';

/** An issuer of JSON Web Tokens, with the address of its keys. */
export interface Issuer {
  readonly jwksUrl: string;
  /** A signed token; `claims` and `header` replace what is right. */
  sign(claims?: Record<string, unknown>, header?: Record<string, unknown>, key?: KeyObject): string;
  stop(): Promise<void>;
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export async function startIssuer(): Promise<Issuer> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'key-1', use: 'sig', alg: 'RS256' };
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ keys: [jwk] }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    jwksUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`,
    sign(claims = {}, header = {}, key = privateKey) {
      const now = Math.floor(Date.now() / 1_000);
      const head = { alg: 'RS256', typ: 'JWT', kid: 'key-1', ...header };
      const payload = { sub: 'jo', role: 'recorder', iss: ISSUER, aud: AUDIENCE, exp: now + 600, ...claims };
      const signed = `${encode(head)}.${encode(payload)}`;
      if (head.alg === 'none') return `${signed}.x`;
      return `${signed}.${createSign('RSA-SHA256').update(signed).sign(key, 'base64url')}`;
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
