import { INPUT_MAX } from '../../../domain/input/field.ts';
import type { ImportItem, Place } from '../../item.ts';
import { slugOfId } from '../madeSlug.ts';
import type { Omissions } from '../omissions.ts';
import { dateOf, periodOf } from '../periods.ts';
import { cut, textFields, Utf16Text, wordsOf } from '../utf16Text.ts';
import { childrenOf, descendantsOf, englishOf, find, wordsIn, type XmlElement } from './xml.ts';

/** Elements within speeches that are not the words of the speaker. */
const NOT_SPOKEN = new Set(['note', 'vocal', 'kinesic', 'incident', 'gap', 'pb', 'desc']);
const NO_PLACE: Readonly<Record<string, string>> = {
  vocal: 'sounds and interjections',
  kinesic: 'gestures and applause',
  incident: 'incidents',
  gap: 'gaps',
};

/** Words of one speech that the source writes in one piece, with their place in its text. */
interface Segment {
  readonly id: string;
  readonly line: number;
  readonly words: string;
  /** In UTF-16 units. */
  readonly start: number;
  readonly language: string | undefined;
  readonly speech: Speech;
}

interface Speech {
  /** `xml:id` of each person who speaks; none if they are not known. */
  readonly persons: readonly string[];
  /** The speaker as the minutes write it; empty where they do not. */
  readonly as: string;
  /** Slug of the debate, an event. */
  readonly debate: string | undefined;
}

interface Debate {
  readonly slug: string;
  readonly name: string;
  readonly line: number;
}

/** What one walk through the body of a file collects. */
interface Body {
  readonly lines: string[];
  length: number;
  readonly segments: Segment[];
  readonly debates: Debate[];
  speakerNote: string;
}

const languageOf = ({ attributes }: XmlElement): string | undefined => attributes['xml:lang'];

/** “#chair” and “#guest” say more than a name where the minutes name no speaker. */
function roleOf(ana: string): string {
  return /(^|\s)#?(chair|guest)(?=\s|$)/.exec(ana)?.[2] ?? '';
}

/** The persons of `who`, which is a list of references: “#AnnaRoux #BertKey”. Some files have a name there instead. */
function personsIn(who: string): string[] {
  const references = who.split(/\s+/).filter((word) => word.startsWith('#'));
  const whole = who.trim();
  return references.length > 0 ? references.map((word) => word.slice(1)) : whole === '' ? [] : [whole];
}

/** The file of one sitting: its source, its events and its statements. */
export class Sitting {
  readonly #root: XmlElement;
  readonly #file: string;
  readonly #scheme: string;
  readonly #id: string;
  readonly #slug: string;

  /** @param root the element TEI. */
  constructor(root: XmlElement, file: string, corpusScheme: string) {
    this.#root = root;
    this.#file = file;
    this.#scheme = corpusScheme;
    this.#id = root.attributes['xml:id'] ?? file;
    this.#slug = slugOfId(this.#id);
  }

  *items(keepText: boolean, omissions: Omissions): Generator<ImportItem> {
    const body = this.#walk(omissions);
    const text = new Utf16Text(body.lines.join('\n'));
    const place = { file: this.#file, line: this.#root.line };
    const said = this.#date();
    if (keepText && text.length > INPUT_MAX.sourceText)
      omissions.add('texts that are too long to keep', place);
    yield { kind: 'source', value: { ...this.#source(), ...textFields(text, keepText) }, place };
    yield { kind: 'event', value: this.#event(this.#slug, this.#name(said), said), place };
    for (const { slug, name, line } of body.debates) {
      const value = this.#event(slug, cut(name, INPUT_MAX.name), said);
      yield { kind: 'event', value, place: { file: this.#file, line } };
    }
    for (const segment of body.segments) {
      const value = this.#statement(segment, text, said);
      const at: Place = { file: this.#file, line: segment.line };
      if (!('quote' in value)) omissions.add('ends of segments that are too long for a quote', at);
      yield { kind: 'statement', value, place: at };
    }
  }

  #walk(omissions: Omissions): Body {
    const body: Body = { lines: [], length: 0, segments: [], debates: [], speakerNote: '' };
    for (const text of descendantsOf(this.#root, 'body')) this.#walkPart(text, undefined, body, omissions);
    return body;
  }

  #addLine(body: Body, words: string): number {
    const start = body.length;
    body.lines.push(words);
    body.length += words.length + 1;
    return start;
  }

  #walkPart(part: XmlElement, debate: string | undefined, body: Body, omissions: Omissions): void {
    const head = wordsIn(childrenOf(part, 'head')[0]);
    const ownDebate =
      part.name === 'div' && head !== '' ? `${this.#slug}-d${body.debates.length + 1}` : debate;
    if (ownDebate !== undefined && ownDebate !== debate) {
      body.debates.push({ slug: ownDebate, name: head, line: part.line });
      this.#addLine(body, head);
    }
    for (const child of childrenOf(part)) {
      const { name, attributes, line } = child;
      const place = { file: this.#file, line };
      if (name === 'u') this.#walkSpeech(child, ownDebate, body, omissions);
      else if (name === 'note' && attributes.type === 'speaker') body.speakerNote = wordsIn(child);
      else if (name === 'note') omissions.add('notes of the minutes', place);
      else if (NO_PLACE[name] !== undefined) omissions.add(NO_PLACE[name], place);
      else if (name !== 'head') this.#walkPart(child, ownDebate, body, omissions);
    }
  }

  #walkSpeech(speech: XmlElement, debate: string | undefined, body: Body, omissions: Omissions): void {
    const { who = '', ana = '', 'xml:id': id = '' } = speech.attributes;
    const written = body.speakerNote.replace(/\s*:$/, '');
    const as = written || roleOf(ana);
    if (ana !== '' && (written || as === ''))
      omissions.add('roles of speakers', { file: this.#file, line: speech.line });
    const shared: Speech = { persons: personsIn(who), as, debate };
    body.speakerNote = '';
    childrenOf(speech).forEach((child, i) => {
      const place = { file: this.#file, line: child.line };
      if (child.name !== 'seg') {
        omissions.add(NO_PLACE[child.name] ?? 'notes of the minutes', place);
        return;
      }
      for (const { name } of descendantsOf(child, ...NOT_SPOKEN))
        if (name !== 'pb') omissions.add(NO_PLACE[name] ?? 'notes of the minutes', place);
      const words = wordsIn(child, NOT_SPOKEN);
      if (words === '') {
        omissions.add('segments without words', place);
        return;
      }
      const start = this.#addLine(body, words);
      // Speeches without an id have their segments numbered together.
      const counted = id === '' ? `${this.#id}.${body.segments.length + 1}` : `${id}.${i + 1}`;
      const segmentId = child.attributes['xml:id'] ?? counted;
      const language = languageOf(child) ?? languageOf(speech);
      body.segments.push({ id: segmentId, line: child.line, words, start, language, speech: shared });
    });
  }

  /** The day or days of the sitting, in EDTF; undefined where the file gives none. */
  #date(): string | undefined {
    const settings = [...descendantsOf(this.#root, 'setting')];
    for (const date of [...settings.flatMap((setting) => childrenOf(setting, 'date'))]) {
      const { when = '', from = '', to = '' } = date.attributes;
      const day = dateOf(when);
      if (day) return day.edtf;
      const period = periodOf(from, to);
      if ('from' in period && 'to' in period) return `${period.from}/${period.to}`;
    }
    const inName = /\d{4}-\d{2}-\d{2}/.exec(this.#id)?.[0] ?? '';
    return dateOf(inName)?.edtf;
  }

  #titles(type: string): string {
    const statement = find(this.#root, 'teiHeader', 'fileDesc', 'titleStmt');
    const titles = statement
      ? childrenOf(statement, 'title').filter(({ attributes }) => attributes.type === type)
      : [];
    return wordsIn(englishOf(titles)).replace(/\s*\[ParlaMint[^\]]*\]$/, '');
  }

  #name(said: string | undefined): string {
    const name = this.#titles('sub') || this.#titles('main') || this.#id;
    const whole = said === undefined || name.includes(said) ? name : `${name}, ${said}`;
    return cut(whole, INPUT_MAX.name);
  }

  #source(): object {
    const header = find(this.#root, 'teiHeader', 'fileDesc');
    const bibl = header && find(header, 'sourceDesc', 'bibl');
    const address = bibl && childrenOf(bibl, 'idno').map((idno) => wordsIn(idno));
    const url = address?.find((text) => /^https?:\/\//.test(text) && URL.canParse(text));
    const day = dateOf((bibl && find(bibl, 'date')?.attributes.when) ?? '');
    const licence = wordsIn(header && find(header, 'publicationStmt', 'availability', 'licence'));
    const language = languageOf(this.#root);
    return {
      slug: this.#slug,
      title: cut(this.#titles('main') || this.#id, INPUT_MAX.title),
      ...(url !== undefined && { url }),
      ...(day && day.earliest === day.latest && { publishedOn: day.earliest }),
      ...(language !== undefined && { language }),
      ...(licence !== '' && { licence: cut(licence, INPUT_MAX.licence) }),
      identifiers: [{ scheme: this.#scheme, value: this.#id }],
    };
  }

  #event(slug: string, name: string, date: string | undefined): object {
    return { slug, name, kind: 'OTHER', date };
  }

  #statement(
    { id, words, start, language, speech }: Segment,
    text: Utf16Text,
    said: string | undefined,
  ): object {
    const { persons, as, debate } = speech;
    const own = wordsOf(words);
    const mentions = persons.map((id) => ({
      // The minutes name several persons together.
      as: cut((persons.length === 1 && as) || id, INPUT_MAX.mention),
      identifier: { scheme: this.#scheme, value: id },
    }));
    const ofText = language ?? languageOf(this.#root);
    return {
      key: id,
      ...own,
      ...(ofText !== undefined && ofText !== 'en' && { language: ofText }),
      mode: 'quote' in own ? 'DIRECT' : 'INDIRECT',
      act: 'STATE',
      mentions: mentions.length > 0 ? mentions : [{ as: cut(as || 'unknown', INPUT_MAX.mention) }],
      said,
      events: debate === undefined ? [this.#slug] : [this.#slug, debate],
      source: this.#slug,
      anchors: [text.span(start, start + words.length)],
    };
  }
}
