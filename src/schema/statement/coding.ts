import type { Stance } from '../../db/generated/enums.ts';
import type { StatementRow } from '../../read/statements/row.ts';
import { builder, type Context } from '../builder/builder.ts';
import { mentionsOf, topicsOf } from './parts.ts';
import { StatementRef } from './ref.ts';

/** What two codings of one passage can agree on, and what that means. */
const PARTS = {
  SPEAKERS: 'The same speakers. Those that are not identified are compared by the words of the source.',
  ADDRESSEES: 'The same addressees.',
  ACT: 'The same speech act.',
  MODE: 'The same mode.',
  TOPICS: 'The same topics.',
  STANCE: 'The same stance on each topic that both have. Compared only where they have a topic in common.',
} as const;
type CodedPart = keyof typeof PARTS;

const CodedPartEnum = builder.enumType('CodedPart', {
  description: 'A part of a statement that two codings of one passage can agree on.',
  values: Object.fromEntries(
    Object.entries(PARTS).map(([value, description]) => [value, { value, description }]),
  ) as Record<CodedPart, { value: CodedPart; description: string }>,
});

interface Agreement {
  readonly agrees: readonly CodedPart[];
  readonly differs: readonly CodedPart[];
}

const AgreementRef = builder.objectRef<Agreement>('CodingAgreement').implement({
  description: 'The parts in which two codings of one passage agree, and those in which they differ.',
  fields: (t) => ({
    agrees: t.field({
      type: [CodedPartEnum],
      description: 'The parts that are equal.',
      resolve: ({ agrees }) => agrees,
    }),
    differs: t.field({
      type: [CodedPartEnum],
      description: 'The parts that are not.',
      resolve: ({ differs }) => differs,
    }),
  }),
});

/** Another coding of the passage of a statement. */
export interface Coding {
  readonly of: StatementRow;
  readonly statement: StatementRow;
}

export const CodingRef = builder.objectRef<Coding>('Coding').implement({
  description: 'Another statement that was taken from the same passage of the source.',
  fields: (t) => ({
    statement: t.field({
      type: StatementRef,
      description: 'The other statement.',
      resolve: ({ statement }) => statement,
    }),
    agreement: t.field({
      type: AgreementRef,
      description: 'How far both agree.',
      resolve: ({ of, statement }, _, context) => agreementOf(of, statement, context),
    }),
  }),
});

/** The parts that are compared, as text. */
interface Compared extends Record<Exclude<CodedPart, 'STANCE'>, string> {
  /** By topic. */
  readonly stances: ReadonlyMap<number, Stance | null>;
}

const setOf = (items: readonly (string | number)[]): string => JSON.stringify([...items].sort());

async function comparedParts(s: StatementRow, context: Context): Promise<Compared> {
  const { load } = context;
  const [speakers, mentions, addressees, topics] = await Promise.all([
    s.speakerIds ?? load.speakerIds.load(s.id),
    mentionsOf(s, context),
    s.addresseeIds ?? load.addresseeIds.load(s.id),
    topicsOf(s, context),
  ]);
  const unresolved = mentions.filter(({ actorId }) => actorId === null).map(({ as }) => as);
  return {
    SPEAKERS: setOf([...speakers, ...unresolved]),
    ADDRESSEES: setOf(addressees),
    ACT: s.act,
    MODE: s.mode,
    TOPICS: setOf(topics.map(({ topicId }) => topicId)),
    stances: new Map(topics.map(({ topicId, stance }) => [topicId, stance])),
  };
}

async function agreementOf(one: StatementRow, other: StatementRow, context: Context): Promise<Agreement> {
  const [a, b] = await Promise.all([comparedParts(one, context), comparedParts(other, context)]);
  const common = [...a.stances.keys()].filter((topic) => b.stances.has(topic));
  const isEqual = (part: CodedPart): boolean =>
    part === 'STANCE'
      ? common.every((topic) => a.stances.get(topic) === b.stances.get(topic))
      : a[part] === b[part];
  const compared = (Object.keys(PARTS) as CodedPart[]).filter(
    (part) => part !== 'STANCE' || common.length > 0,
  );
  return {
    agrees: compared.filter(isEqual),
    differs: compared.filter((part) => !isEqual(part)),
  };
}
