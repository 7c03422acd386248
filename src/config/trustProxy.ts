import { isIP } from 'node:net';

/** The proxies whose forwarding headers are trusted: this many in front of the service, or those at these addresses. */
export type TrustProxy = number | readonly string[];

/** Whether a text is an address or a range such as `10.0.0.0/8`. */
export function isRange(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32));
}
