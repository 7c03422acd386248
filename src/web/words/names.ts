import type { EnumOf } from '../graphql/tada.ts';

export interface Named {
  readonly slug: string;
  readonly name: string;
  readonly kind: EnumOf<'ActorKind'>;
}

/** "A", "A and B", "A, B and C" */
export function joinNames(names: readonly string[]): string {
  if (names.length < 2) return names[0] ?? '';
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** The article that English puts before a name inside a sentence: "the Kremlin", but "France" and "NATO". */
export function articleOf({ name, kind }: Named): string {
  if (/^the /i.test(name)) return '';
  const isSeveralWords = name.includes(' ');
  if (kind === 'BODY') return 'the ';
  if (kind === 'ORGANISATION') return isSeveralWords ? 'the ' : '';
  return kind === 'STATE' && /^(United|Republic|Netherlands|Philippines)\b/.test(name) ? 'the ' : '';
}

/** "the Kremlin’s", "the United States’" */
export function possessiveEnd(name: string): string {
  return name.endsWith('s') ? '’' : '’s';
}

/** ", according to the Kremlin", as plain text; nothing without givers. */
export function accordingTo(givers: readonly Named[]): string {
  if (givers.length === 0) return '';
  return `, according to ${joinNames(givers.map((giver) => articleOf(giver) + giver.name))}`;
}

/** "A, B and 191 others", where these are the first of `total` names. */
export function firstNames(names: readonly string[], total: number): string {
  const others = total - names.length;
  return joinNames(others > 0 ? [...names, `${others} ${others === 1 ? 'other' : 'others'}`] : names);
}
