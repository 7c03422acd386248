import fc from 'fast-check';
import { isInputObjectType, isListType } from 'graphql';
import { LinkKind, Stance, StatementAct, StatementMode } from '../../src/db/generated/enums.ts';
import type { StatementFilterInput } from '../../src/read/statements/filter.ts';
import { schema } from '../../src/schema/schema.ts';
import { CODERS, type MadeRecord, type MadeStatement } from './randomRecord.ts';

/** What filters of a test can name. */
export interface Vocabulary {
  readonly actors: fc.Arbitrary<string>;
  readonly topics: fc.Arbitrary<string>;
  readonly sources: fc.Arbitrary<string>;
  readonly events: fc.Arbitrary<string>;
  readonly collections: fc.Arbitrary<string>;
  readonly roles: readonly string[];
  readonly days: readonly string[];
  readonly searches: readonly string[];
}

const CODERS_NAMED = [...CODERS, 'No one'];

/** A field of `StatementFilter` in tests: values for it, and whether a made statement meets one, without the database. */
interface TestedField<Name extends keyof StatementFilterInput> {
  readonly values: (vocabulary: Vocabulary) => fc.Arbitrary<StatementFilterInput[Name]>;
  readonly meets: (
    statement: MadeStatement,
    value: NonNullable<StatementFilterInput[Name]>,
    filter: StatementFilterInput,
    record: MadeRecord,
  ) => boolean;
}

const some = <T>(item: fc.Arbitrary<T>) => fc.array(item, { maxLength: 4 });
const someOf = <T extends string>(values: Readonly<Record<string, T>>) =>
  some(fc.constantFrom(...Object.values(values)));
const option = fc.constantFrom(true, false, null);
const anyOf = (wanted: readonly string[], own: readonly string[]): boolean =>
  wanted.some((value) => own.includes(value));

/** The topic and everything above it. */
export function lineage(topic: string, record: MadeRecord): string[] {
  const parent = record.topics.get(topic) ?? null;
  return [topic, ...(parent === null ? [] : lineage(parent, record))];
}

/** On whose account a statement is known. */
function giversOf({ attribution, speakers }: MadeStatement, { actorsBySlug }: MadeRecord): readonly string[] {
  const passedOnBy = attribution.findLast(({ actor }) => actorsBySlug.get(actor)?.kind !== 'OUTLET');
  return passedOnBy ? [passedOnBy.actor] : speakers;
}

interface Days {
  readonly from?: string;
  readonly to?: string;
}
const isIn = ({ from, to }: Days, { earliest, latest }: MadeStatement): boolean =>
  (from === undefined || from <= latest) && (to === undefined || to >= earliest);

/** The days that both have. */
const both = (a: Days, b: Days): Days => {
  const [from] = [a.from, b.from]
    .filter((day) => day !== undefined)
    .sort()
    .reverse();
  const [to] = [a.to, b.to].filter((day) => day !== undefined).sort();
  return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
};

/** The states and organisations that an actor belongs to, each with the days. */
function sidesOf(actor: string, record: MadeRecord, days: Days = {}): (Days & { readonly side: string })[] {
  const { kind, affiliations = [] } = record.actorsBySlug.get(actor) ?? {};
  if (kind === 'STATE' || kind === 'ORGANISATION') return [{ side: actor, ...days }];
  return affiliations.flatMap((office) => {
    const common = both(days, office);
    const isNever = common.from !== undefined && common.to !== undefined && common.from > common.to;
    return isNever ? [] : sidesOf(office.in, record, common);
  });
}

/** Whom the givers of a statement spoke for: themselves, or those on whose behalf they spoke. */
function spokenFor(statement: MadeStatement, record: MadeRecord): readonly string[] {
  const givers = giversOf(statement, record);
  const areSpeakers = givers === statement.speakers && givers.length > 0;
  return areSpeakers && statement.onBehalfOf.length > 0 ? statement.onBehalfOf : givers;
}

/** The states and organisations that the givers of a statement spoke for on its day. */
export function sidesOfStatement(statement: MadeStatement, record: MadeRecord): readonly string[] {
  return spokenFor(statement, record)
    .flatMap((actor) => sidesOf(actor, record))
    .filter((days) => isIn(days, statement))
    .map(({ side }) => side);
}

/** The fields that hold filters; `filters` and `meetsFilter` deal with them. */
const NESTED = ['not', 'any'] as const;

/** One entry for each field of the schema but the nested ones. A new filter is tested as soon as it stands here, and fails before. */
const FIELDS: {
  readonly [Name in Exclude<keyof StatementFilterInput, (typeof NESTED)[number]>]: TestedField<Name>;
} = {
  speakers: {
    values: ({ actors }) => some(actors),
    meets: ({ speakers }, wanted) => anyOf(wanted, speakers),
  },
  addressees: {
    values: ({ actors }) => some(actors),
    meets: ({ addressees }, wanted) => anyOf(wanted, addressees),
  },
  attributedTo: {
    values: ({ actors }) => some(actors),
    meets: ({ attribution }, wanted) =>
      anyOf(
        wanted,
        attribution.map(({ actor }) => actor),
      ),
  },
  givers: {
    values: ({ actors }) => some(actors),
    meets: (statement, wanted, _, record) => anyOf(wanted, giversOf(statement, record)),
  },
  sides: {
    values: ({ actors }) => some(actors),
    meets: (statement, wanted, _, record) =>
      anyOf(wanted, [...spokenFor(statement, record), ...sidesOfStatement(statement, record)]),
  },
  offices: {
    values: ({ actors, roles }) => {
      const role = fc.constantFrom(...roles);
      return some(
        fc.oneof<fc.Arbitrary<{ role?: string; in?: string }>[]>(
          fc.record({ role }),
          fc.record({ in: actors }),
          fc.record({ role, in: actors }),
        ),
      );
    },
    meets: (statement, wanted, _, { actorsBySlug }) =>
      statement.speakers
        .flatMap((speaker) => actorsBySlug.get(speaker)?.affiliations ?? [])
        .filter((office) => isIn(office, statement))
        .some((office) =>
          wanted.some(
            ({ role, in: place }) =>
              (role == null || role.toLowerCase() === office.role.toLowerCase()) &&
              (place == null || place === office.in),
          ),
        ),
  },
  coders: {
    values: () => some(fc.constantFrom(...CODERS_NAMED)),
    meets: ({ coder }, wanted) => coder !== undefined && wanted.includes(coder),
  },
  confidenceMin: {
    values: () => fc.constantFrom(0, 0.3, 0.5, 1),
    meets: ({ confidence }, min) => confidence !== undefined && confidence >= min,
  },
  unresolved: {
    values: () => option,
    meets: ({ mentions = [] }, wanted) => mentions.some(({ actor }) => actor === undefined) === wanted,
  },
  links: {
    values: () => someOf(LinkKind),
    meets: ({ links }, wanted) => links.some(({ kind }) => wanted.includes(kind)),
  },
  linkedFrom: {
    values: () => someOf(LinkKind),
    meets: ({ slug }, wanted, _, { statements }) =>
      statements.some(({ links }) => links.some(({ to, kind }) => to === slug && wanted.includes(kind))),
  },
  topics: {
    values: ({ topics }) => some(topics),
    meets: ({ topics }, wanted, { includeSubtopics }, record) =>
      topics.some(({ topic }) =>
        anyOf(wanted, includeSubtopics === false ? [topic] : lineage(topic, record)),
      ),
  },
  includeSubtopics: { values: () => option, meets: () => true },
  sources: {
    values: ({ sources }) => some(sources),
    meets: ({ source }, wanted) => wanted.includes(source),
  },
  collections: {
    values: ({ collections }) => some(collections),
    meets: ({ collection }, wanted) => collection !== null && wanted.includes(collection),
  },
  events: {
    values: ({ events }) => some(events),
    meets: ({ events }, wanted) => anyOf(wanted, events),
  },
  modes: { values: () => someOf(StatementMode), meets: ({ mode }, wanted) => wanted.includes(mode) },
  acts: { values: () => someOf(StatementAct), meets: ({ act }, wanted) => wanted.includes(act) },
  stances: {
    values: () => someOf(Stance),
    meets: ({ topics }, wanted) =>
      topics.some(({ stance }) => stance !== undefined && wanted.includes(stance)),
  },
  positions: {
    values: ({ topics }) =>
      some(fc.record({ topic: topics, stance: fc.constantFrom(...Object.values(Stance)) })),
    meets: ({ topics }, wanted) =>
      wanted.some((position) =>
        topics.some(({ topic, stance }) => topic === position.topic && stance === position.stance),
      ),
  },
  saidFrom: {
    values: ({ days }) => fc.constantFrom(...days),
    meets: ({ latest }, day) => latest >= day,
  },
  saidTo: {
    values: ({ days }) => fc.constantFrom(...days),
    meets: ({ earliest }, day) => earliest <= day,
  },
  search: {
    values: ({ searches }) => fc.constantFrom(...searches),
    meets: ({ words }, search) =>
      search.startsWith('-') ? !words.includes(search.slice(1)) : words.includes(search),
  },
  // Counts on the outermost filter only, where the test applies it.
  includeRetracted: { values: () => option, meets: () => true },
};

type FieldName = keyof typeof FIELDS;

/** The fields of `StatementFilter` in the schema that are not filters themselves, each with its entry in FIELDS. */
const type = schema.getType('StatementFilter');
if (!isInputObjectType(type)) throw new Error('the schema has no StatementFilter');
const schemaFields = type.getFields();
export const FILTER_FIELDS = testedFields(Object.keys(schemaFields));
/** Those with a list, `any` included. */
export const LIST_FIELDS = Object.keys(schemaFields).filter((name) => isListType(schemaFields[name]?.type));

function testedFields(all: readonly string[]): readonly FieldName[] {
  const names = all.filter((name) => !(NESTED as readonly string[]).includes(name));
  const missing = names.filter((name) => !Object.hasOwn(FIELDS, name));
  if (missing.length > 0) {
    throw new Error(
      `StatementFilter has “${missing.join('”, “')}”, which no test covers. Add it to FIELDS in test/support/filterFields.ts.`,
    );
  }
  return names as FieldName[];
}

/** Values for one field. */
export function valuesOf(field: FieldName, vocabulary: Vocabulary): fc.Arbitrary<unknown> {
  return FIELDS[field].values(vocabulary);
}

/**
 * Filters of a few of the schema's fields, so that they seldom leave nothing; with filters in them, down to `depth`.
 * @param count of fields.
 */
export function filters(
  vocabulary: Vocabulary,
  depth: number,
  count: fc.SubarrayConstraints = { maxLength: 3 },
): fc.Arbitrary<StatementFilterInput> {
  const inner = () => filters(vocabulary, depth - 1, count);
  const fields: Record<string, fc.Arbitrary<unknown>> = {
    ...Object.fromEntries(FILTER_FIELDS.map((name) => [name, valuesOf(name, vocabulary)])),
    ...(depth > 1 && { not: inner(), any: fc.array(inner(), { maxLength: 3 }) }),
  };
  return fc
    .tuple(fc.subarray(Object.keys(fields), count), fc.record(fields))
    .map(([names, values]) => inOrder(Object.fromEntries(names.map((name) => [name, values[name]]))));
}

/** The filter with its days in order; the other way round, it would be refused. */
function inOrder({ saidFrom, saidTo, ...filter }: StatementFilterInput): StatementFilterInput {
  const isReversed = saidFrom != null && saidTo != null && saidFrom > saidTo;
  return isReversed ? { ...filter, saidFrom: saidTo, saidTo: saidFrom } : { ...filter, saidFrom, saidTo };
}

/** Whether a statement meets a filter, apart from its retraction: a plain search through what the test has made. */
export function meetsFilter(
  statement: MadeStatement,
  filter: StatementFilterInput,
  record: MadeRecord,
): boolean {
  const meetsField = (name: FieldName): boolean => {
    const value = filter[name];
    // Each entry of FIELDS fits the field of its own name.
    return value == null || FIELDS[name].meets(statement, value as never, filter, record);
  };
  return (
    FILTER_FIELDS.every(meetsField) &&
    (filter.not == null || !meetsFilter(statement, filter.not, record)) &&
    (filter.any == null || filter.any.some((inner) => meetsFilter(statement, inner, record)))
  );
}
