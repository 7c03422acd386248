import { z } from 'zod';
import { ReadoutError } from '../../base/errors.ts';
import { codePointLength } from '../anchor.ts';
import { parseDay, parseFuzzyDate } from './date.ts';
import { SLUG_LENGTH_MAX } from './slug.ts';

/*
 * The kinds of field that inputs are made of. Each checks a value at run time, and its metadata describes it: `id` is the name of
 * a GraphQL scalar, enum or input type, and of a definition in seed/seed.schema.json.
 */

/** Limits on every text (in Unicode code points) and list (in items) of an input; the schema's descriptions state them. */
export const INPUT_MAX = {
  slug: SLUG_LENGTH_MAX,
  name: 200,
  title: 300,
  role: 200,
  text: 1_000,
  quote: 10_000,
  coder: 200,
  mention: 300,
  context: 200,
  locator: 100,
  description: 2_000,
  proposition: 300,
  url: 2_000,
  key: 200,
  reason: 1_000,
  sourceText: 1_000_000,
  speakers: 50,
  mentions: 50,
  addressees: 50,
  attribution: 20,
  onBehalfOf: 20,
  topics: 50,
  events: 50,
  anchors: 50,
  links: 100,
  aliases: 100,
  identifiers: 50,
  scheme: 40,
  identifier: 200,
  affiliations: 100,
  participants: 1_000,
  version: 100,
  licence: 300,
  files: 1_000,
  statements: 500,
  splitStatements: 200,
  entries: 500,
} as const;

/** PostgreSQL's integer and GraphQL's Int hold no more. */
const INT_MAX = 2 ** 31 - 1;

/** PostgreSQL's text cannot hold NUL, and its JSON cannot hold half of a surrogate pair. */
const text = z.string('must be a string').refine((given) => !/[\0\p{Surrogate}]/u.test(given), {
  error: 'must not contain a NUL or half of a surrogate pair: no text has these',
  abort: true,
});

/** Whether a text has at most `max` code points. A character outside the basic plane is one of them, and two of `length`. */
const isWithin = (given: string, max: number): boolean =>
  given.length <= max || (given.length <= 2 * max && codePointLength(given) <= max);

/** Refuses a text of more than `max` code points, as JSON Schema counts `maxLength`. */
const atMost = (given: z.ZodString, max: number) =>
  given
    .refine((value) => isWithin(value, max), `must be at most ${max} characters`)
    .meta({ minLength: 1, maxLength: max });

/** A text without blanks at its ends. */
export const line = (max: number) => atMost(text.trim().min(1, 'must not be empty'), max);

/** A text that is kept exactly, with blanks. */
export const exactText = (max: number) => atMost(text.min(1, 'must not be empty'), max);

export const list = <T extends z.ZodType>(item: T, max: number, min = 0) => {
  const items = z.array(item, 'must be a list').max(max, `must have at most ${max} items`);
  return min > 0 ? items.min(min, 'must have at least one item') : items;
};

export const wholeNumber = (min: number) =>
  z
    .int('must be a whole number')
    .min(min, `must be at least ${min}`)
    .max(INT_MAX, `must be at most ${INT_MAX}`);

/** A number from 0 to 1. */
export const fraction = z.number('must be a number').min(0, 'must be at least 0').max(1, 'must be at most 1');

/** A number of bytes. GraphQL’s Int ends at 2 GB, so it is a Float there. */
export const byteCount = z
  .number('must be a number')
  .refine((given) => Number.isSafeInteger(given) && given >= 0, 'must be a whole number of bytes')
  .meta({ minimum: 0, multipleOf: 1 });

export const flag = z.boolean('must be true or false');

export const slug = z
  .string('must be a slug')
  .max(INPUT_MAX.slug, `must be at most ${INPUT_MAX.slug} characters`)
  .regex(
    /^[a-z0-9]+(-[a-z0-9]+)*$/,
    'must be a slug: lowercase letters, digits and single hyphens, such as iran-talks',
  )
  .meta({
    id: 'Slug',
    description: `Readable identifier, unique within its list and never changed: lowercase letters, digits and single hyphens, at most ${INPUT_MAX.slug} characters.`,
  });

export const scheme = z
  .string('must be a scheme')
  .max(INPUT_MAX.scheme, `must be at most ${INPUT_MAX.scheme} characters`)
  .regex(
    /^[a-z0-9]+(-[a-z0-9]+)*$/,
    'must be a scheme: lowercase letters, digits and single hyphens, such as wikidata',
  )
  .meta({
    id: 'Scheme',
    description: `Short name of another system, such as wikidata: lowercase letters, digits and single hyphens, at most ${INPUT_MAX.scheme} characters.`,
  });

export const sha256Digest = z
  .string('must be a digest')
  .regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in 64 lowercase hexadecimal digits')
  .meta({ id: 'Sha256', description: 'SHA-256 in 64 lowercase hexadecimal digits. Quote it in YAML.' });

export const language = z
  .string('must be a language tag')
  .max(35, 'must be at most 35 characters')
  .regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/, 'must be a language tag such as en or pt-BR')
  .meta({ id: 'Language', description: 'Language tag (BCP 47), such as en, fr, fa or pt-BR.' });

export const timeCode = z
  .string('must be a time code')
  .regex(
    /^\d{1,3}:[0-5]\d:[0-5]\d(\.\d{1,3})?$/,
    'must be a time code: hours, minutes and seconds, such as 00:12:34 or 00:12:34.500',
  )
  .meta({
    id: 'TimeCode',
    description:
      'Time from the beginning of a recording: hours, minutes and seconds, such as 00:12:34 or 00:12:34.500. Quote it in YAML.',
  });

export const url = z
  .string('must be a URL')
  .max(INPUT_MAX.url, `must be at most ${INPUT_MAX.url} characters`)
  .refine(
    (given) => /^https?:\/\//.test(given) && URL.canParse(given),
    'must be a URL that starts with https:// or http://',
  )
  .meta({ pattern: '^https?://' });

/** A check by one of the parsers that throw a ReadoutError. `about` is the metadata of the text. */
const parsed = <T>(about: z.GlobalMeta, parse: (text: string) => T) =>
  z
    .string('must be a string')
    .meta(about)
    .transform((given, context) => {
      try {
        return parse(given);
      } catch (error) {
        if (!(error instanceof ReadoutError)) throw error;
        context.addIssue({ code: 'custom', message: error.message });
        return z.NEVER;
      }
    });

const MONTH = '(0[1-9]|1[0-2])';
const DAY_OF_MONTH = '(0[1-9]|[12]\\d|3[01])';
const POINT = `\\d{4}(-${MONTH}(-${DAY_OF_MONTH})?)?[~?%]?`;
const TIMED = `\\d{4}-${MONTH}-${DAY_OF_MONTH}T([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d)?(Z|[+-](0\\d|1[0-4]):[0-5]\\d)`;

export const day = parsed(
  {
    id: 'Date',
    description: 'Calendar day, YYYY-MM-DD. Quote it in YAML, so that no reader turns it into a timestamp.',
    pattern: `^\\d{4}-${MONTH}-${DAY_OF_MONTH}$`,
  },
  (text) => parseDay(text),
);

export const fuzzyDate = parsed(
  {
    id: 'Edtf',
    description:
      'Date with its precision, in a subset of EDTF: YYYY, YYYY-MM or YYYY-MM-DD, each with ~ (approximate), ? (uncertain) or % ' +
      '(both) after it where needed, an interval A/B of two such dates, A not later than B, or a day with its time of day, ' +
      'YYYY-MM-DDThh:mm or hh:mm:ss with Z or an offset such as +02:00. The marks do not widen the days ' +
      'meant: 2024~ is 2024-01-01 to 2024-12-31, marked as approximate. Quote it in YAML, or a bare year becomes a number.',
    pattern: `^(${POINT}(/${POINT})?|${TIMED})$`,
  },
  (text) => parseFuzzyDate(text),
);

/** GraphQL passes null for a field that a client leaves empty; the domain has only undefined. */
export const optional = <T extends z.ZodType>(schema: T) =>
  schema
    .nullish()
    .transform((value) => value ?? undefined)
    .optional();

/** A list that may be left out, and is then empty. */
export const listOrEmpty = <T extends z.ZodType>(item: T, max: number) =>
  list(item, max)
    .nullish()
    .transform((items) => items ?? []);
