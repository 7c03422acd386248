import { type Facets, facetsOf } from '../../log/facets.ts';
import { statementDigest } from '../content.ts';
import type { AnchorInput } from '../input/anchor.ts';
import type { References } from '../input/reference.ts';
import type { StatementInput } from '../input/statement.ts';
import { giverFacets } from './giver.ts';

/** The rows of a statement before they are written, with ids instead of slugs. ADD_STATEMENTS and REWRITE_STATEMENTS read this shape. */
export interface Draft {
  readonly slug: string;
  readonly key: string | null;
  readonly inputDigest: string;
  /** SHA-256 of its content, for the log, in hexadecimal. */
  readonly contentDigest: string;
  readonly language: string | null;
  readonly saidEdtf: string;
  readonly attribution: readonly { readonly actorId: number; readonly form: string }[];
  readonly anchors: NonNullable<StatementInput['anchors']>;
  /** The parts that only coded statements have. If no statement of a list has them, a shorter SQL statement writes it. */
  readonly coding?:
    | undefined
    | {
        readonly coder: string | null;
        readonly confidence: number | null;
        readonly order: number | null;
        readonly mentions: readonly { readonly as: string; readonly actorId: number | null }[];
      };
  /**
   * Each leads to a statement of the record, by its id and the position at which it was checked, or to an item of the same list, by its
   * number from 1.
   */
  readonly links: readonly {
    readonly toId: number | null;
    readonly toPosition: string | null;
    readonly toItem: number | null;
    readonly kind: string;
  }[];
  readonly facets: Facets;
}

/** The fields of an anchor that only coded statements have. */
const CODED_ANCHOR_FIELDS = ['role', 'prefix', 'suffix', 'page', 'paragraph', 'timeCode', 'status'] as const;

/** The parts that only coded statements have; undefined where the input has none. */
function codingOf(
  { coder, confidence, order, mentions = [], anchors = [] }: StatementInput,
  actor: (slug: string) => number,
): Draft['coding'] {
  const isPlain = (anchor: AnchorInput): boolean =>
    CODED_ANCHOR_FIELDS.every((field) => anchor[field] === undefined);
  const values = [coder, confidence, order];
  if (values.every((value) => value === undefined) && mentions.length === 0 && anchors.every(isPlain))
    return undefined;
  return {
    coder: coder ?? null,
    confidence: confidence ?? null,
    order: order ?? null,
    mentions: mentions.map(({ as, actor: slug }) => ({
      as,
      actorId: slug === undefined ? null : actor(slug),
    })),
  };
}

/** Makes the rows of a checked input. */
export function makeDraft(
  { key: _, ...input }: StatementInput,
  identity: { slug: string; key: string | null; inputDigest: string },
  references: References,
  itemOf: (slug: string) => number | null,
  collectionId: number | null = null,
): Draft {
  const actor = (slug: string) => references.id('actor', slug);
  const coding = codingOf(input, actor);
  return {
    slug: identity.slug,
    key: identity.key,
    inputDigest: identity.inputDigest,
    contentDigest: statementDigest({ ...input, slug: identity.slug, said: input.said.edtf }),
    language: input.language ?? null,
    saidEdtf: input.said.edtf,
    attribution: (input.attribution ?? []).map((hop) => ({ actorId: actor(hop.actor), form: hop.form })),
    anchors: input.anchors ?? [],
    coding,
    links: (input.links ?? []).map(({ to, kind }) => {
      const toItem = itemOf(to);
      if (toItem !== null) return { kind, toItem, toId: null, toPosition: null };
      const { id, position = null } = references.found('statement', to);
      return { kind, toItem, toId: id, toPosition: position };
    }),
    // Not by spreading: V8 takes ten times as long for two objects of that size.
    facets: Object.assign(
      facetsOf(input, (noun, slug) => references.id(noun, slug)),
      giverFacets(input, references),
      { linkedFromKinds: [], collectionId },
    ),
  };
}
