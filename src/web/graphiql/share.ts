import { storedTabs } from './storage.ts';

/** The part of an address that holds an operation: `#operation=` and its compressed JSON in base64url. */
const PARAMETER = 'operation';
const FORMAT = 'deflate-raw';
const MESSAGE_MS = 3_000;
/** GraphiQL stores its tabs half a second after the last change of them. */
const STORED_AFTER_MS = 600;
/** The contents of the tab that a damaged address opens. */
const DAMAGED = '# The address of this operation is incomplete or damaged. Copy it again.\n';

async function through(bytes: BlobPart, stream: GenericTransformStream): Promise<Response> {
  return new Response(new Blob([bytes]).stream().pipeThrough(stream as TransformStream));
}

/** The address that opens a query with its variables. The browser sends the part behind `#` to no server, and headers stay out of it. */
async function addressOf(query: string, variables: string): Promise<string> {
  const json = JSON.stringify({ query, ...(variables.trim() && { variables }) });
  const compressed = await (await through(json, new CompressionStream(FORMAT))).arrayBuffer();
  const base64 = btoa(String.fromCharCode(...new Uint8Array(compressed)));
  const base64url = base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  return `${location.origin}${location.pathname}#${PARAMETER}=${base64url}`;
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

/** Makes a button copy the address of the chosen tab. Where the page may not copy, the address bar shows it. */
export function sharesTab(button: HTMLButtonElement, message: HTMLElement): void {
  button.addEventListener('click', async () => {
    await new Promise((stored) => setTimeout(stored, STORED_AFTER_MS));
    const { tabs = [], activeTabIndex = 0 } = storedTabs();
    const { query, variables } = tabs[activeTabIndex] ?? {};
    const address = await addressOf(query ?? '', variables ?? '');
    try {
      await navigator.clipboard.writeText(address);
      message.textContent = 'Copied';
    } catch {
      history.replaceState(null, '', address);
      message.textContent = 'The link is in the address bar';
    }
    setTimeout(() => {
      message.textContent = '';
    }, MESSAGE_MS);
  });
}
