import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Constant, findConstants } from './constants.ts';
import {
  renderFixedLimits,
  renderInputLimits,
  renderInternals,
  renderLimitSettings,
  renderSettings,
} from './limits.ts';

type Render = (constants: readonly Constant[]) => string | Promise<string>;

/** The generated parts of each document, by the names of their markers. */
export const DOCUMENTS: Readonly<Record<string, Readonly<Record<string, Render>>>> = {
  'README.md': { settings: renderSettings },
  'docs/limits.md': {
    'limit settings': renderLimitSettings,
    'fixed limits': renderFixedLimits,
    'input limits': renderInputLimits,
  },
  'docs/constants.md': { constants: renderInternals },
};

/** Path of a document of the project. */
export function pathOf(document: string): string {
  return fileURLToPath(new URL(`../../${document}`, import.meta.url));
}

/**
 * The text of a document with its generated parts written again. A part is between the markers
 * `<!-- generated: NAME -->` and `<!-- end -->`.
 * @throws Error if the document lacks a marker.
 */
export async function regenerate(document: string, text: string): Promise<string> {
  const constants = findConstants();
  let written = text;
  for (const [name, render] of Object.entries(DOCUMENTS[document] ?? {})) {
    const [before, rest] = split(written, `<!-- generated: ${name} -->`, document);
    const [, after] = split(rest, '<!-- end -->', document);
    written = `${before}<!-- generated: ${name} -->\n${await render(constants)}\n<!-- end -->${after}`;
  }
  return written;
}

function split(text: string, marker: string, document: string): [before: string, after: string] {
  const at = text.indexOf(marker);
  if (at < 0) throw new Error(`${document} lacks the marker ${marker}`);
  return [text.slice(0, at), text.slice(at + marker.length)];
}

// `npm run docs` writes the generated parts.
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const document of Object.keys(DOCUMENTS)) {
    const path = pathOf(document);
    writeFileSync(path, await regenerate(document, readFileSync(path, 'utf8')));
  }
}
