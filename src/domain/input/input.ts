import { z } from 'zod';
import { ReadoutError } from '../../base/errors.ts';
import {
  ActorKind,
  AttributionForm,
  EventKind,
  LinkKind,
  Stance,
  StatementAct,
  StatementMode,
} from '../../db/generated/enums.ts';
import { parseDay, parseFuzzyDate } from './date.ts';
import { SLUG_LENGTH_MAX } from './slug.ts';

/** Limits on every text (in characters) and list (in items) of an input; the schema's descriptions state them. */
export const INPUT_MAX = {
  slug: SLUG_LENGTH_MAX,
  name: 200,
  title: 300,
  role: 200,
  text: 1_000,
  quote: 2_000,
  description: 2_000,
  proposition: 300,
  url: 2_000,
  key: 200,
  reason: 1_000,
  sourceText: 1_000_000,
  speakers: 50,
  addressees: 50,
  attribution: 20,
  topics: 50,
  events: 50,
  anchors: 50,
  links: 100,
  aliases: 100,
  affiliations: 100,
  participants: 100,
  statements: 500,
} as const;

/** PostgreSQL's texts hold no NUL, and its JSON no half of a surrogate pair. */
const text = z
  .string('must be a text')
  .refine(
    (given) => !/[\0\p{Surrogate}]/u.test(given),
    'must not contain a NUL or half of a surrogate pair: no text has these',
  );
const line = (max: number) =>
  text
    .transform((given) => given.trim())
    .pipe(z.string().min(1, 'must not be empty').max(max, `must be at most ${max} characters`));
/** A text as it stands, blanks included. */
const words = (max: number) => text.min(1, 'must not be empty').max(max, `must be at most ${max} characters`);
const list = <T extends z.ZodType>(item: T, max: number, min = 0) =>
  z
    .array(item, 'must be a list')
    .min(min, 'must have at least one item')
    .max(max, `must have at most ${max} items`);
const slug = z
  .string('must be a slug')
  .max(INPUT_MAX.slug, `must be at most ${INPUT_MAX.slug} characters`)
  .regex(
    /^[a-z0-9]+(-[a-z0-9]+)*$/,
    'must be a slug: small letters, digits and single hyphens, such as iran-talks',
  );
const choice = <T extends Record<string, string>>(values: T) =>
  z.enum(values, `must be one of ${Object.values(values).join(', ')}`);
const digest = z
  .string('must be a digest')
  .regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in 64 small hexadecimal digits');
const language = z
  .string('must be a language tag')
  .max(35, 'must be at most 35 characters')
  .regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/, 'must be a language tag such as en or pt-BR');
const url = z
  .string('must be a URL')
  .max(INPUT_MAX.url, `must be at most ${INPUT_MAX.url} characters`)
  .refine(
    (text) => /^https?:\/\//.test(text) && URL.canParse(text),
    'must be a URL that starts with https:// or http://',
  );

/** A schema from one of the parsers that throw a ReadoutError. */
const parsed = <T>(parse: (text: string) => T) =>
  z.string('must be a text').transform((text, context) => {
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof ReadoutError)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
      return z.NEVER;
    }
  });
const day = parsed((text) => parseDay(text));
const fuzzyDate = parsed((text) => parseFuzzyDate(text));

/** GraphQL passes null for what a client leaves empty; the domain knows only "left out". */
const optional = <T extends z.ZodType>(schema: T) =>
  schema.nullish().transform((value) => value ?? undefined);

const aliasInput = z.strictObject({
  name: line(INPUT_MAX.name),
  language: optional(language),
  metonym: optional(z.boolean('must be true or false')),
  from: optional(day),
  to: optional(day),
});
const affiliationInput = z.strictObject({
  in: slug,
  role: line(INPUT_MAX.role),
  from: optional(day),
  to: optional(day),
});

export const actorInput = z.strictObject({
  slug: optional(slug),
  name: line(INPUT_MAX.name),
  kind: choice(ActorKind),
  description: optional(line(INPUT_MAX.description)),
  aliases: optional(list(aliasInput, INPUT_MAX.aliases)),
  affiliations: optional(list(affiliationInput, INPUT_MAX.affiliations)),
});

export const topicInput = z.strictObject({
  slug: optional(slug),
  name: line(INPUT_MAX.name),
  description: optional(line(INPUT_MAX.description)),
  proposition: optional(line(INPUT_MAX.proposition)),
  parent: optional(slug),
});

export const sourceInput = z.strictObject({
  slug: optional(slug),
  title: line(INPUT_MAX.title),
  publisher: optional(slug),
  url: optional(url),
  publishedOn: optional(day),
  language: optional(language),
  digest: optional(digest),
  length: optional(z.int('must be a whole number').min(1, 'must be at least 1')),
  text: optional(words(INPUT_MAX.sourceText)),
});

export const eventInput = z.strictObject({
  slug: optional(slug),
  name: line(INPUT_MAX.name),
  kind: choice(EventKind),
  description: optional(line(INPUT_MAX.description)),
  date: fuzzyDate,
  participants: optional(list(slug, INPUT_MAX.participants)),
});

export const statementInput = z.strictObject({
  key: optional(line(INPUT_MAX.key)),
  slug: optional(slug),
  text: line(INPUT_MAX.text),
  quote: optional(line(INPUT_MAX.quote)),
  language: optional(language),
  mode: choice(StatementMode),
  act: choice(StatementAct),
  speakers: list(slug, INPUT_MAX.speakers, 1),
  addressees: optional(list(slug, INPUT_MAX.addressees)),
  attribution: optional(
    list(z.strictObject({ actor: slug, form: choice(AttributionForm) }), INPUT_MAX.attribution),
  ),
  said: fuzzyDate,
  topics: optional(list(z.strictObject({ topic: slug, stance: optional(choice(Stance)) }), INPUT_MAX.topics)),
  events: optional(list(slug, INPUT_MAX.events)),
  source: slug,
  anchors: optional(
    list(
      z.strictObject({
        start: z.int('must be a whole number').min(0, 'must be at least 0'),
        end: z.int('must be a whole number').min(1, 'must be at least 1'),
        digest,
        exact: optional(words(INPUT_MAX.quote)),
      }),
      INPUT_MAX.anchors,
    ),
  ),
  links: optional(list(z.strictObject({ to: slug, kind: choice(LinkKind) }), INPUT_MAX.links)),
});

/** Why a statement is retracted. */
export const reasonInput = line(INPUT_MAX.reason);

export type ActorInput = z.output<typeof actorInput>;
export type TopicInput = z.output<typeof topicInput>;
export type SourceInput = z.output<typeof sourceInput>;
export type EventInput = z.output<typeof eventInput>;
export type StatementInput = z.output<typeof statementInput>;
