import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export const ISSUER = 'https://issuer.example/';
export const AUDIENCE = 'readout';

/** An issuer of JSON Web Tokens, with the address of its keys. */
export interface Issuer {
  readonly jwksUrl: string;
  /** How often it was asked for its keys. */
  readonly asked: number;
  /** A signed token; `claims` and `header` replace what is right. */
  sign(claims?: Record<string, unknown>, header?: Record<string, unknown>, key?: KeyObject): string;
  /** Stops answering, and answers again at the same address. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  /** Has this key instead of the one before. */
  replaceKey(kid: string): void;
  stop(): Promise<void>;
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export async function startIssuer(): Promise<Issuer> {
  let current = newKey('key-1');
  let asked = 0;
  const server = createServer((_, response) => {
    asked += 1;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ keys: [current.jwk] }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const goAway = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return {
    jwksUrl: `http://127.0.0.1:${port}/keys`,
    get asked() {
      return asked;
    },
    sign(claims = {}, header = {}, key = current.privateKey) {
      const now = Math.floor(Date.now() / 1_000);
      const head = { alg: 'RS256', typ: 'JWT', kid: current.jwk.kid, ...header };
      const payload = { sub: 'jo', role: 'recorder', iss: ISSUER, aud: AUDIENCE, exp: now + 600, ...claims };
      const signed = `${encode(head)}.${encode(payload)}`;
      if (head.alg === 'none') return `${signed}.x`;
      return `${signed}.${createSign('RSA-SHA256').update(signed).sign(key, 'base64url')}`;
    },
    goAway,
    async comeBack() {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
    replaceKey(kid) {
      current = newKey(kid);
    },
    stop: goAway,
  };
}

function newKey(kid: string) {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' };
  return { jwk, privateKey };
}
