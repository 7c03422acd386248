/** The part of an address that holds an operation: `#operation=` and its compressed JSON in base64url. */
const PARAMETER = 'operation';
const FORMAT = 'deflate-raw';
/** The contents of the tab that a damaged address opens. */
const DAMAGED = '# The address of this operation is incomplete or damaged. Copy it again.\n';

async function through(
  bytes: string | Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
): Promise<Response> {
  return new Response(new Blob([bytes]).stream().pipeThrough(stream as TransformStream));
}

/** The address on this host that opens a query with its variables. Browsers do not send the part after `#` to servers. */
export async function addressOf(query: string, variables: string): Promise<string> {
  const json = JSON.stringify({ query, ...(variables.trim() && { variables }) });
  const compressed = await (await through(json, new CompressionStream(FORMAT))).arrayBuffer();
  const base64 = btoa(String.fromCharCode(...new Uint8Array(compressed)));
  const base64url = base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  return `/graphql#${PARAMETER}=${base64url}`;
}

/** Whether the fragment of an address holds an operation. */
export function hasOperation(fragment: string): boolean {
  return new URLSearchParams(fragment.slice(1)).has(PARAMETER);
}

/** The operation in the fragment of an address, as the parameters `query` and `variables`; null where it holds none. */
export async function operationOf(fragment: string): Promise<URLSearchParams | null> {
  const given = new URLSearchParams(fragment.slice(1)).get(PARAMETER);
  if (given === null) return null;
  try {
    const binary = atob(given.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    const json: unknown = await (await through(bytes, new DecompressionStream(FORMAT))).json();
    const { query, variables = '' } = json as { query: string; variables?: string };
    return new URLSearchParams({ query, variables });
  } catch {
    return new URLSearchParams({ query: DAMAGED });
  }
}
