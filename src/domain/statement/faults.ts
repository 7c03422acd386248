import { isDeepStrictEqual } from 'node:util';
import type { InputPath } from '../../base/errors.ts';
import { anchorFaults } from '../input/anchor.ts';
import type { Fault } from '../input/fault.ts';
import { INPUT_MAX } from '../input/field.ts';
import { type LinkEnd, linkFaults } from '../input/link.ts';
import type { Noun, References } from '../input/reference.ts';
import type { StatementInput } from '../input/statement.ts';

/** Calls `visit` for each reference of the input, or of some of its fields. `path` makes its path only if it is needed. */
export function visitReferences(
  input: Partial<StatementInput>,
  path: InputPath,
  visit: (noun: Noun, slug: string, path: () => InputPath) => void,
): void {
  const mentioned = new Set<string>();
  input.mentions?.forEach(({ actor }, i) => {
    if (actor === undefined) return;
    mentioned.add(actor);
    visit('actor', actor, () => [...path, 'mentions', i, 'actor']);
  });
  // The actors of mentions are speakers too, which the client's list may not name.
  input.speakers?.forEach((slug, i) => {
    if (!mentioned.has(slug)) visit('actor', slug, () => [...path, 'speakers', i]);
  });
  input.addressees?.forEach((slug, i) => {
    visit('actor', slug, () => [...path, 'addressees', i]);
  });
  input.attribution?.forEach(({ actor }, i) => {
    visit('actor', actor, () => [...path, 'attribution', i, 'actor']);
  });
  input.onBehalfOf?.forEach((slug, i) => {
    visit('actor', slug, () => [...path, 'onBehalfOf', i]);
  });
  input.topics?.forEach(({ topic }, i) => {
    visit('topic', topic, () => [...path, 'topics', i, 'topic']);
  });
  input.events?.forEach((slug, i) => {
    visit('event', slug, () => [...path, 'events', i]);
  });
  if (input.source !== undefined) visit('source', input.source, () => [...path, 'source']);
  input.links?.forEach(({ to }, i) => {
    visit('statement', to, () => [...path, 'links', i, 'to']);
  });
}

function repeatFaults(values: readonly string[], path: InputPath): Fault[] {
  return values.flatMap((value, i) =>
    values.indexOf(value) < i ? [{ path: [...path, i], message: `names “${value}” twice` }] : [],
  );
}

/** Faults of who said it, and of what. */
function requiredFaults(
  { text, quote, mode, speakers, mentions = [] }: StatementInput,
  path: InputPath,
): Fault[] {
  const faults: Fault[] = [];
  if (speakers.length === 0 && mentions.length === 0) {
    const message = 'must have at least one item, unless mentions names the speaker as the source writes it';
    faults.push({ path: [...path, 'speakers'], message });
  }
  if (speakers.length > INPUT_MAX.speakers) {
    const message = `and speakers must name at most ${INPUT_MAX.speakers} actors together`;
    faults.push({ path: [...path, 'mentions'], message });
  }
  if (text === undefined && quote === undefined)
    faults.push({ path: [...path, 'text'], message: 'is required where there is no quote' });
  if (mode === 'DIRECT' && quote === undefined) {
    faults.push({
      path: [...path, 'quote'],
      message: 'is required where the mode is DIRECT: the verbatim words',
    });
  }
  return faults;
}

/** Whether a revision leaves the anchors and their source unchanged. They are not checked again, since the source may be shorter now. */
const keepsAnchors = (input: StatementInput, former: StatementInput): boolean =>
  input.source === former.source && isDeepStrictEqual(input.anchors ?? [], former.anchors ?? []);

/** The links that a revision adds, or all links if it changes the date or the speakers; with their paths. */
export function changedLinks(input: StatementInput, path: InputPath, former: StatementInput | null) {
  const links = (input.links ?? []).map((link, i) => ({ ...link, path: [...path, 'links', i] }));
  if (!former || input.said.edtf !== former.said.edtf || !isDeepStrictEqual(input.speakers, former.speakers))
    return links;
  const isKept = (to: string, kind: string): boolean =>
    former.links?.some((link) => link.to === to && link.kind === kind) ?? false;
  return links.filter(({ to, kind }) => !isKept(to, kind));
}

/** A fault for each reference to an entry that neither the record nor the list has. `input` can be some fields of an input. */
export function unknownFaults(
  input: Partial<StatementInput>,
  path: InputPath,
  references: References,
  itemOf: (slug: string) => LinkEnd | undefined,
): Fault[] {
  const unknown: Fault[] = [];
  visitReferences(input, path, (noun, slug, at) => {
    if (!references.get(noun, slug) && !(noun === 'statement' && itemOf(slug)))
      unknown.push(references.fault(noun, slug, at()));
  });
  return unknown;
}

/**
 * Faults of an input beside those of its form. `references` has found what the input refers to.
 * @param itemOf finds an earlier item of the same list by its slug.
 * @param former the content that a revision replaces. Unchanged parts are not checked again.
 */
export function statementFaults(
  input: StatementInput,
  path: InputPath,
  references: References,
  itemOf: (slug: string) => LinkEnd | undefined,
  former: StatementInput | null = null,
): Fault[] {
  const links = changedLinks(input, path, former);
  const faults = [
    ...unknownFaults(input, path, references, itemOf),
    ...requiredFaults(input, path),
    ...repeatFaults(
      (input.mentions ?? []).map(({ as, actor }) => (actor === undefined ? as : `${as}, ${actor}`)),
      [...path, 'mentions'],
    ),
    ...repeatFaults(input.speakers, [...path, 'speakers']),
    ...repeatFaults(input.addressees ?? [], [...path, 'addressees']),
    ...repeatFaults(input.onBehalfOf ?? [], [...path, 'onBehalfOf']),
    ...repeatFaults(
      (input.topics ?? []).map(({ topic }) => topic),
      [...path, 'topics'],
    ),
    ...repeatFaults(input.events ?? [], [...path, 'events']),
    ...repeatFaults(
      (input.links ?? []).map(({ to, kind }) => `${kind} ${to}`),
      [...path, 'links'],
    ),
    ...(former && keepsAnchors(input, former)
      ? []
      : anchorFaults(input, path, references.get('source', input.source)?.length ?? null)),
    ...links.flatMap(({ path: at, ...link }) => {
      const item = itemOf(link.to);
      const to = item ?? references.get('statement', link.to)?.linkEnd;
      // An unknown or missing speaker is one fault, not a fault of every link as well.
      const areKnown = [input, ...(item ? [item] : [])].every(
        ({ speakers, mentions = [] }) =>
          speakers.length + mentions.length > 0 && speakers.every((slug) => references.get('actor', slug)),
      );
      return to && areKnown ? linkFaults(input, link, to, at) : [];
    }),
  ];
  input.topics?.forEach(({ topic, stance }, i) => {
    if (stance !== undefined && references.get('topic', topic)?.hasProposition === false) {
      faults.push({
        path: [...path, 'topics', i, 'stance'],
        message: `is not possible: the topic “${topic}” has no proposition`,
      });
    }
  });
  input.links?.forEach(({ to }, i) => {
    if (to === input.slug)
      faults.push({ path: [...path, 'links', i, 'to'], message: 'names the statement itself' });
  });
  return faults;
}
