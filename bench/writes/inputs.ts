import { randomUUID } from 'node:crypto';
import type { ImportItem } from '../../src/import/item.ts';

/** One of this many statements, beginning with the first, is said by `HEARD`. */
export const HEARD_EVERY = 100;
export const HEARD = 'actor-1';

const WORDS = (
  'ceasefire talks border sanctions inspectors agency president minister phone call proposal veto troops summit ' +
  'delegation treaty energy grain corridor prisoners exchange guarantees council resolution envoy pressure dialogue'
).split(' ');
const SENTENCE_LENGTH = 16;

export const sentence = (): string =>
  Array.from({ length: SENTENCE_LENGTH }, () => WORDS[Math.floor(Math.random() * WORDS.length)]).join(' ');
const among = (noun: string, min: number, max: number): string =>
  `${noun}-${min + Math.floor(Math.random() * (max - min + 1))}`;

/** A statement about the things of `bench/generate.ts`. */
export function makeInput(n: number): Record<string, unknown> {
  return {
    key: randomUUID(),
    text: sentence(),
    mode: 'INDIRECT',
    act: 'STATE',
    speakers: [n % HEARD_EVERY === 0 ? HEARD : among('actor', 2, 1_000)],
    attribution: [{ actor: among('actor', 2, 1_000), form: 'REPORT' }],
    said: '2025-07-01',
    topics: [{ topic: among('topic', 1, 100), stance: 'SUPPORTS' }],
    events: [among('event', 1, 500)],
    source: among('source', 1, 5_000),
    anchors: [{ start: 1, end: 80, digest: '0'.repeat(64) }],
  };
}

/** A statement with no more than it must have. */
export function makeLeanInput(n: number): Record<string, unknown> {
  return {
    key: randomUUID(),
    text: sentence(),
    mode: 'INDIRECT',
    act: 'STATE',
    speakers: [n % HEARD_EVERY === 0 ? HEARD : among('actor', 2, 1_000)],
    said: '2025-07-01',
    source: among('source', 1, 5_000),
  };
}

/** The entries that the statements of `makeInput` refer to. */
export function makeNouns(): ImportItem[] {
  const place = { file: 'bench', line: 1 };
  const many = (kind: ImportItem['kind'], count: number, value: (n: number) => object): ImportItem[] =>
    Array.from({ length: count }, (_, i) => ({ kind, value: value(i + 1), place }));
  return [
    ...many('actor', 1_000, (n) => ({ slug: `actor-${n}`, name: `Actor ${n}`, kind: 'PERSON' })),
    ...many('topic', 100, (n) => ({
      slug: `topic-${n}`,
      name: `Topic ${n}`,
      proposition: `Topic ${n} is good.`,
    })),
    ...many('source', 5_000, (n) => ({ slug: `source-${n}`, title: `Source ${n}`, length: 1_000 })),
    ...many('event', 500, (n) => ({
      slug: `event-${n}`,
      name: `Event ${n}`,
      kind: 'OTHER',
      date: '2025-07-01',
    })),
  ];
}
