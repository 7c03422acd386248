import type { StatementCardData } from '../cards/statementFragment.ts';
import { accountText } from '../words/account.ts';
import { fuzzyDateText } from '../words/date.ts';
import { dayText } from '../words/moment.ts';
import { QUOTE_LENGTH_MAX, shortened } from '../words/shortened.ts';
import { contentPlaces, placeText, sayerNames, sayersOf, sayingOf } from '../words/statement.ts';

/** What a citation is made of. */
export interface Cited {
  readonly statement: StatementCardData;
  readonly publisher: string | null;
  /** The permanent address. */
  readonly address: string;
  /** The head of the record, which distinguishes this version from later ones. */
  readonly cursor: string;
  /** `YYYY-MM-DD` */
  readonly today: string;
}

/** Its places in the source: `code points 12–40, page 4`. */
const placesOf = ({ anchors }: StatementCardData): string => {
  const places = contentPlaces(anchors);
  const isAllSpans = places.every(({ start }) => start !== null);
  const texts = places.map((place) => placeText(place)).join(isAllSpans ? ', ' : '; ');
  return texts && places[0]?.start !== null ? `code points ${texts}` : texts;
};

/** One paragraph for people. */
export function citeAsText({ statement, publisher, address, cursor, today }: Cited): string {
  const { attribution, quote, text, said, source, retraction } = statement;
  const account = accountText(attribution);
  const names = sayersOf(statement);
  const places = placesOf(statement);
  const published = source.publishedOn ? `, ${dayText(source.publishedOn)}` : '';
  return [
    retraction ? '[Retracted] ' : '',
    `${names}${account && ` (${account})`}, ${fuzzyDateText(said)}: ${quote ? `“${shortened(quote, QUOTE_LENGTH_MAX)}”` : text} `,
    `In: ${source.title}${publisher ? `, ${publisher}` : ''}${published}`,
    `${places && `, ${places}`}. `,
    `Readout, ${address} (record at ${cursor}, read on ${dayText(today)}).`,
  ].join('');
}

/** Characters with a special meaning in LaTeX. */
const escapeTex = (text: string): string =>
  text
    .replaceAll('\\', '\\textbackslash{}')
    .replace(/[#$%&_{}~^]/g, (sign) => TEX_SIGNS[sign] ?? `\\${sign}`);
const TEX_SIGNS: Readonly<Record<string, string>> = { '~': '\\textasciitilde{}', '^': '\\textasciicircum{}' };

/** An entry for BibTeX. */
export function citeAsBibtex({ statement, publisher, address, cursor, today }: Cited): string {
  const { slug, said, source, attribution } = statement;
  const account = accountText(attribution);
  const day = /^(\d{4})(?:-(\d\d))?/.exec(said.edtf);
  const fields: [string, string][] = [
    [
      'author',
      sayerNames(statement)
        .map((name) => `{${escapeTex(name)}}`)
        .join(' and '),
    ],
    ['title', `{${escapeTex(sayingOf(statement))}}`],
    ['year', day?.[1] ?? ''],
    ['month', day?.[2] ?? ''],
    ['howpublished', `In: ${escapeTex(source.title)}${publisher ? `, ${escapeTex(publisher)}` : ''}`],
    [
      'note',
      escapeTex(
        [account, fuzzyDateText(said), placesOf(statement), `record at ${cursor}, read on ${today}`]
          .filter(Boolean)
          .join('; '),
      ),
    ],
    ['url', address],
  ];
  const lines = fields.filter(([, value]) => value).map(([name, value]) => `  ${name} = {${value}}`);
  return `@misc{${slug},\n${lines.join(',\n')}\n}`;
}

/** An item of CSL-JSON, for reference managers. */
export function citeAsCsl({ statement, publisher, address, cursor, today }: Cited): string {
  const { slug, said, source, attribution, language } = statement;
  return JSON.stringify(
    [
      {
        id: slug,
        type: 'speech',
        title: sayingOf(statement),
        author: sayerNames(statement).map((name) => ({ literal: name })),
        issued: { ...cslDate(said.edtf), raw: said.edtf },
        'container-title': source.title,
        ...(publisher && { publisher }),
        ...(language && { language }),
        URL: address,
        accessed: cslDate(today),
        note: [accountText(attribution), placesOf(statement), `record at ${cursor}`]
          .filter(Boolean)
          .join('; '),
      },
    ],
    null,
    2,
  );
}

/** EDTF as CSL's date parts, which have no time of day, with `circa` where it is approximate or uncertain. */
function cslDate(edtf: string) {
  const points = edtf.split('/').map((point) =>
    point
      .replace(/[~?%]|T.*/, '')
      .split('-')
      .map(Number),
  );
  return { 'date-parts': points, ...(/[~?%]/.test(edtf) && { circa: true }) };
}
