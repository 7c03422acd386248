import type { StatementCardData } from '../cards/statementFragment.ts';
import { accountText } from '../words/account.ts';
import { fuzzyDateText } from '../words/date.ts';
import { dayText } from '../words/moment.ts';
import { joinNames } from '../words/names.ts';
import { QUOTE_LENGTH_MAX, shortened } from '../words/shortened.ts';

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

const spansOf = ({ anchors }: StatementCardData): string =>
  anchors.map(({ start, end }) => `${start}–${end}`).join(', ');

/** One paragraph for people. */
export function citeAsText({ statement, publisher, address, cursor, today }: Cited): string {
  const { speakers, attribution, quote, text, said, source, retraction } = statement;
  const account = accountText(attribution);
  const names = joinNames(speakers.map(({ name }) => name));
  const spans = spansOf(statement);
  const published = source.publishedOn ? `, ${dayText(source.publishedOn)}` : '';
  return [
    retraction ? '[Retracted] ' : '',
    `${names}${account && ` (${account})`}, ${fuzzyDateText(said)}: ${quote ? `“${shortened(quote, QUOTE_LENGTH_MAX)}”` : text} `,
    `In: ${source.title}${publisher ? `, ${publisher}` : ''}${published}`,
    `${spans && `, code points ${spans}`}. `,
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
  const { slug, speakers, text, said, source, attribution } = statement;
  const account = accountText(attribution);
  const day = /^(\d{4})(?:-(\d\d))?/.exec(said.edtf);
  const fields: [string, string][] = [
    ['author', speakers.map(({ name }) => `{${escapeTex(name)}}`).join(' and ')],
    ['title', `{${escapeTex(text)}}`],
    ['year', day?.[1] ?? ''],
    ['month', day?.[2] ?? ''],
    ['howpublished', `In: ${escapeTex(source.title)}${publisher ? `, ${escapeTex(publisher)}` : ''}`],
    [
      'note',
      escapeTex(
        [
          account,
          fuzzyDateText(said),
          spansOf(statement) && `code points ${spansOf(statement)}`,
          `record at ${cursor}, read on ${today}`,
        ]
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
  const { slug, text, speakers, said, source, attribution, language } = statement;
  return JSON.stringify(
    [
      {
        id: slug,
        type: 'speech',
        title: text,
        author: speakers.map(({ name }) => ({ literal: name })),
        issued: { ...cslDate(said.edtf), raw: said.edtf },
        'container-title': source.title,
        ...(publisher && { publisher }),
        ...(language && { language }),
        URL: address,
        accessed: cslDate(today),
        note: [
          accountText(attribution),
          spansOf(statement) && `code points ${spansOf(statement)}`,
          `record at ${cursor}`,
        ]
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
