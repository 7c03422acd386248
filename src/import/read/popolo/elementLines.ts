/** Characters of JSON that matter for its structure. */
const STRUCTURE = /"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{},\n]/gs;

/**
 * The lines, from 1, at which the elements of the lists of a JSON text begin, which JSON.parse does not report: of the lists that an object
 * has directly, by name, or of the text itself under the name ''.
 * @param json valid.
 */
export function elementLines(json: string): Map<string, number[]> {
  const lines = new Map<string, number[]>();
  let line = 1;
  let depth = 0;
  let key = '';
  let list: number[] | null = null;
  let listDepth = 0;
  let isAtStart = false;
  for (const { 0: token, index } of json.matchAll(STRUCTURE)) {
    const begins = token === '{' || token === '[' || token.startsWith('"');
    if (begins && list && depth === listDepth && isAtStart) {
      list.push(line);
      isAtStart = false;
    }
    if (token === '\n') line += 1;
    else if (token.startsWith('"')) {
      if (depth === 1 && !list && json[index + token.length + gapAfter(json, index + token.length)] === ':')
        key = JSON.parse(token) as string;
    } else if (token === '{') depth += 1;
    else if (token === '[') {
      depth += 1;
      if (!list && depth <= 2) {
        list = lines.get(key) ?? [];
        lines.set(key, list);
        listDepth = depth;
        isAtStart = true;
      }
    } else if (token === ',') {
      if (list && depth === listDepth) isAtStart = true;
    } else {
      if (list && depth === listDepth) list = null;
      depth -= 1;
    }
  }
  return lines;
}

/** Blanks at a place of the text. */
function gapAfter(json: string, index: number): number {
  let length = 0;
  while (/\s/.test(json[index + length] ?? '')) length += 1;
  return length;
}
