/** Characters of a quote that lists and citations show. */
export const QUOTE_LENGTH_MAX = 600;

/** The text, or its beginning up to a word, with “…”, where it has more than `max` code points. */
export function shortened(text: string, max: number): string {
  const characters = [...text];
  if (characters.length <= max) return text;
  const kept = characters.slice(0, max).join('');
  const end = kept.search(/\s\S*$/);
  return `${(end > 0 ? kept.slice(0, end) : kept).trimEnd()} …`;
}
