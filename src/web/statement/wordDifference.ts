interface Part {
  readonly text: string;
  readonly change: 'same' | 'removed' | 'added';
}

/** Texts longer than this, in words, are shown whole: the time of the comparison grows with the square of their length. */
const WORDS_MAX = 400;

/** The words that were removed and added between two versions, by their longest common subsequence. */
export function wordDifference(before: string, after: string): Part[] {
  const old = before.split(/(?<=\s)/);
  const now = after.split(/(?<=\s)/);
  if (old.length > WORDS_MAX || now.length > WORDS_MAX) {
    return [
      { text: before, change: 'removed' },
      { text: after, change: 'added' },
    ];
  }
  const common = Array.from({ length: old.length + 1 }, () => new Array<number>(now.length + 1).fill(0));
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  const isSame = (i: number, j: number): boolean => old[i]?.trim() === now[j]?.trim();
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = now.length - 1; j >= 0; j -= 1) {
      (common[i] as number[])[j] = isSame(i, j) ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const parts: Part[] = [];
  const push = (text: string, change: Part['change']): void => {
    const last = parts.at(-1);
    if (last?.change === change) parts[parts.length - 1] = { text: last.text + text, change };
    else parts.push({ text, change });
  };
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && isSame(i, j)) {
      push(now[j] ?? '', 'same');
      i += 1;
      j += 1;
    } else if (i < old.length && (j === now.length || at(i + 1, j) >= at(i, j + 1))) {
      push(old[i] ?? '', 'removed');
      i += 1;
    } else {
      push(now[j] ?? '', 'added');
      j += 1;
    }
  }
  return parts;
}
