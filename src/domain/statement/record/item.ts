import type { InputPath } from '../../../base/errors.ts';
import { sha256 } from '../../anchor.ts';
import { canonicalJson } from '../../content.ts';
import { type Fault, formedFields, parseInput } from '../../input/fault.ts';
import { makeSlug } from '../../input/slug.ts';
import { type StatementInput, statementInput } from '../../input/statement.ts';

/** An input whose form is right. */
export interface StatementItem {
  readonly input: StatementInput;
  readonly path: InputPath;
  /** The given slug, or one made from the text or quote. It may be taken. */
  readonly slug: string;
  readonly key: string | null;
  readonly digest: string;
}

/** An input whose form has faults, with the fields whose form is right. */
export interface MalformedItem {
  readonly path: InputPath;
  readonly faults: readonly Fault[];
  readonly fields: Partial<StatementInput>;
}

export const isWellFormed = (item: StatementItem | MalformedItem): item is StatementItem => 'input' in item;

/** SHA-256 of the content of an input. It shows whether a key was used for the same content. */
export const inputDigest = ({ key: _, ...content }: StatementInput): string => sha256(canonicalJson(content));

export interface ItemOptions {
  /** The path of the i-th input in the request. */
  readonly pathOf?: (i: number) => InputPath;
  /** The key of the i-th input where it has neither key nor slug, made from the digest of its content. Default: none. */
  readonly keyOf?: (digest: string, i: number) => string;
  /** The digest of the i-th input, where it is not that of its content. Default: none. */
  readonly digestOf?: (i: number) => string | undefined;
}

/** Checks the form of each input. Run it with `inSteps`: a list can be long. */
export function* parseItems(
  inputs: readonly unknown[],
  { pathOf = (i) => ['input', i], keyOf, digestOf }: ItemOptions,
): Generator<void, (StatementItem | MalformedItem)[]> {
  const items: (StatementItem | MalformedItem)[] = [];
  for (const [i, raw] of inputs.entries()) {
    yield;
    const path = pathOf(i);
    const faults: Fault[] = [];
    const input = parseInput(statementInput, raw, path, faults);
    if (!input) {
      items.push({ path, faults, fields: formedFields(statementInput, raw) });
      continue;
    }
    const slug = input.slug ?? makeSlug(input.text ?? input.quote ?? '');
    const digest = digestOf?.(i) ?? inputDigest(input);
    const key = input.key ?? input.slug ?? keyOf?.(digest, i) ?? null;
    items.push({ input, path, slug, key, digest });
  }
  return items;
}
