import { ReadoutError } from '../../../base/errors.ts';
import { type ConditionKind, NONE } from './kind/kind.ts';

/** `search` of a filter. @limit characters */
export const SEARCH_LENGTH_MAX = 200;

/** Beginning of the words of a statement’s spans that a search covers. A migration has the same number. @limit code points */
export const SPAN_WORDS_LENGTH_MAX = 10_000;

/** Signs before a word that look like the `-` of an exclusion: other hyphens, and a `-` that stands alone as a dash. */
const DASHES = /(?<![\p{L}\p{M}\p{N}])[\u2010\u2011]+|(?<!\S)-+(?!\S)/gu;

interface SearchCondition {
  readonly type: 'search';
  readonly text: string;
}

const fields = {
  search: {
    type: 'String',
    isList: false,
    description:
      'Full text over `text`, `quote` and the words of CONTENT anchors in the text of the source, ignoring accents and punctuation: all words must occur, "quoted words" ' +
      'in this order, -word must not, `or` between alternatives. Other forms of a word are found, too: ' +
      'those of English, and those of the `language` of the statement, or of the source for its text. ' +
      `At most ${SEARCH_LENGTH_MAX} characters; a blank search is ignored.`,
    points: { own: 200, each: 0 },
  },
} as const;

export const search: ConditionKind<SearchCondition, typeof fields> = {
  type: 'search',
  fields,
  parse: ({ search }, { path }) => {
    const text = search?.trim() ?? '';
    if (text.length > SEARCH_LENGTH_MAX) {
      throw new ReadoutError(
        'LIMIT_EXCEEDED',
        `“search” may have at most ${SEARCH_LENGTH_MAX} characters, and has ${text.length}.`,
        [...path, 'search'],
        { limit: 'SEARCH_LENGTH_MAX', max: SEARCH_LENGTH_MAX },
      );
    }
    return text === '' ? NONE : [{ type: 'search', text: text.replace(DASHES, ' ') }];
  },
  list: null,
  variantOf: null,
  needsStatement: true,
  sql: ({ text }, { parameters }) =>
    `s.search @@ search_query(${parameters.add(text)}, ${parameters.add(parameters.languages)}::text[])`,
  // Rare words are best looked up first. The service does not know how rare they are, and PostgreSQL does.
  driving: 'planner',
  firstDay: null,
  matcher:
    ({ text }) =>
    (_, found) =>
      found?.has(text) ?? null,
  search: ({ text }) => text,
  names: null,
  marks: null,
};
