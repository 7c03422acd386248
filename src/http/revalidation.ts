import { createHash } from 'node:crypto';
import type { Plugin } from 'graphql-yoga';

/** A cache may keep the answer, and asks whether it is still the one before it gives it to somebody. */
const CACHE_CONTROL = 'public, no-cache';

/** What a GET names its document by, where it does not bring it along. */
function isByHash(url: string): boolean {
  const { searchParams } = new URL(url);
  return !searchParams.has('query') && (searchParams.has('extensions') || searchParams.has('documentId'));
}

/** Makes answers to a GET by hash cacheable: anybody without a token gets the same bytes until the record changes. */
export const revalidation: Plugin = {
  async onResponse({ request, response, setResponse, fetchAPI }) {
    if (request.method !== 'GET' || response.status !== 200 || response.headers.has('etag')) return;
    if (request.headers.has('authorization') || !isByHash(request.url)) return;
    const body = await response.text();
    const headers = new fetchAPI.Headers(response.headers);
    const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
    headers.set('cache-control', CACHE_CONTROL);
    headers.set('etag', etag);
    headers.append('vary', 'accept, authorization');
    const known = (request.headers.get('if-none-match') ?? '')
      .split(',')
      .map((tag) => tag.trim().replace(/^W\//, ''));
    const unchanged = known.includes(etag);
    if (unchanged) headers.delete('content-length');
    setResponse(new fetchAPI.Response(unchanged ? null : body, { status: unchanged ? 304 : 200, headers }));
  },
};
