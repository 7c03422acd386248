import { inSteps, TimeSlice } from '../../../base/steps.ts';
import type { ItemSource, Place, ReadOptions, Unread } from '../../item.ts';
import { slugOfIdentity } from '../madeSlug.ts';
import { Omissions } from '../omissions.ts';
import { type CodePointSpan, textFields, Utf16Text, wordsOf } from '../utf16Text.ts';
import { DnaEntries } from './entries.ts';
import { type DnaDocument, DnaFile, type DnaStatement } from './file.ts';
import { type UnderstoodType, understoodTypes } from './variables.ts';

export interface DnaOptions extends ReadOptions {
  /** Path of the file, which is read in place. */
  readonly path: string;
}

const isUrl = (text: string): boolean => /^https?:\/\/\S+$/.test(text);
/** Projects also use the column for numbers and other codes. */
const isOutlet = (source: string): boolean => /\p{L}/u.test(source) && !isUrl(source);

/** What a document is known by. A corrected text does not change it. */
const identityOf = ({ title, day, author, source, section }: DnaDocument): string =>
  JSON.stringify([title, day, author, source, section]);

const titleOf = ({ title, id }: DnaDocument): string => title || `Document ${id}`;

/** The slugs of the documents, by id, and the outlets that published them. */
function* readDocuments(
  file: DnaFile,
): Generator<void, { readonly slugs: Map<number, string>; readonly outlets: Set<string> }> {
  const seen = new Map<string, number>();
  const slugs = new Map<number, string>();
  const outlets = new Set<string>();
  for (const document of file.documents()) {
    yield;
    if (isOutlet(document.source)) outlets.add(document.source);
    const identity = identityOf(document);
    const count = (seen.get(identity) ?? 0) + 1;
    seen.set(identity, count);
    slugs.set(
      document.id,
      slugOfIdentity(titleOf(document), count === 1 ? identity : `${identity} ${count}`),
    );
  }
  return { slugs, outlets };
}

function sourceOf(
  document: DnaDocument,
  slug: string,
  entries: DnaEntries,
  keepText: boolean,
  place: Place,
  omissions: Omissions,
): object {
  const { source, notes, day } = document;
  const url = [source, notes].find(isUrl);
  const publisher = isOutlet(source) ? entries.publisherSlug(source) : undefined;
  const text = new Utf16Text(document.text);
  const fields = textFields(text, keepText);
  if (document.author !== '') omissions.add('authors of documents', place);
  if (source !== '' && publisher === undefined && url !== source)
    omissions.add('sources of documents without a letter', place);
  if (document.section !== '') omissions.add('sections of documents', place);
  if (notes !== '' && url !== notes) omissions.add('notes of documents', place);
  if (document.type !== '') omissions.add('types of documents', place);
  if (keepText && text.length > 0 && !('text' in fields))
    omissions.add('texts of documents that are too long to keep', place);
  return {
    slug,
    title: titleOf(document),
    ...(publisher !== undefined && { publisher }),
    ...(url !== undefined && { url }),
    ...(day !== null && { publishedOn: day }),
    ...fields,
  };
}

/** Why a statement can’t be taken; null if it can. */
function faultOf(
  { start, stop, values }: DnaStatement,
  type: UnderstoodType | undefined,
  label: string,
  document: DnaDocument | null,
  span: CodePointSpan | null,
): string | null {
  if (!type)
    return `is of the type “${label}”, which is not read: it has no concept, or neither person nor organization`;
  if (!document) return 'is in a document that the file does not have';
  if (!span) return 'has a span that its document does not have';
  if (document.text.slice(start, stop).trim() === '') return 'has a span of blanks';
  if (document.day === null) return 'is in a document without a date';
  const speaker = [type.person, type.organisation].some((id) => id !== undefined && values.get(id));
  return speaker ? null : 'has neither a person nor an organization';
}

/** A statement in the shape of its input. Its type is understood and it has no fault. */
function statementOf(
  { id, start, stop, coder, values }: DnaStatement,
  type: UnderstoodType,
  source: string,
  day: string,
  words: string,
  span: CodePointSpan,
  entries: DnaEntries,
): object {
  const textOfVariable = (variable: number | undefined): string =>
    variable === undefined ? '' : String(values.get(variable) ?? '');
  const person = textOfVariable(type.person);
  const organisation = textOfVariable(type.organisation);
  const concept = textOfVariable(type.concept);
  const agreement = type.agreement === undefined ? undefined : values.get(type.agreement);
  const stance = agreement === undefined ? {} : { stance: agreement === 0 ? 'OPPOSES' : 'SUPPORTS' };
  const own = wordsOf(words);
  const speaker = person
    ? { as: person, actor: entries.actorSlug('PERSON', person) }
    : { as: organisation, actor: entries.actorSlug('ORGANISATION', organisation) };
  return {
    key: ['dna', source, `${start}-${stop}`, id, ...(coder === null ? [] : [coder.slice(0, 60)])].join(':'),
    ...own,
    // DNA does not tell whose words a span is in.
    mode: 'quote' in own ? 'MIXED' : 'INDIRECT',
    act: 'STATE',
    mentions: [speaker],
    ...(person && organisation && { onBehalfOf: [entries.actorSlug('ORGANISATION', organisation)] }),
    ...(coder !== null && { coder }),
    said: day,
    ...(concept && { topics: [{ topic: entries.topicSlug(concept), ...stance }] }),
    source,
    anchors: [span],
  };
}

/**
 * Reads a file of Discourse Network Analyzer, version 2 or 3, one document at a time. docs/import-formats.md has the mapping.
 * @throws ReadoutError INVALID_INPUT if the file is not one.
 */
export async function* readDna({ path, file: name, keepText = false }: DnaOptions): ItemSource {
  const file = new DnaFile(path, name);
  try {
    const place = { file: name, line: 1 };
    const omissions = new Omissions();
    const types = understoodTypes(file.variables());
    const labels = file.statementTypes();
    const { slugs, outlets } = await inSteps(readDocuments(file));
    const entries = new DnaEntries(types.values(), file.entities(), outlets);
    const slice = new TimeSlice();
    yield { kind: 'header', value: { readout: 1, recognise: true, placed: true }, place };
    for (const value of entries.actors(place, omissions)) yield { kind: 'actor', value, place };
    for (const value of entries.topics()) yield { kind: 'topic', value, place };
    for (const document of file.documents()) {
      await slice.end();
      const at = { file: name, line: document.id };
      const slug = slugs.get(document.id) as string;
      yield { kind: 'source', value: sourceOf(document, slug, entries, keepText, at, omissions), place: at };
    }
    let document: DnaDocument | null = null;
    let text = new Utf16Text('');
    for (const statement of file.statements()) {
      await slice.end();
      const at = { file: name, line: statement.id };
      if (document?.id !== statement.document) {
        document = file.document(statement.document);
        text = new Utf16Text(document?.text ?? '');
      }
      const { start, stop } = statement;
      const type = types.get(statement.statementType);
      const span = text.span(start, stop);
      const fault = faultOf(statement, type, labels.get(statement.statementType) ?? '', document, span);
      if (fault !== null || !type || !document || !span) {
        yield { kind: 'unread', place: at, path: ['STATEMENTS', statement.id], reason: fault } as Unread;
        continue;
      }
      for (const [id, label] of type.others)
        if (statement.values.get(id)) omissions.add(`values of the variable “${label}”`, at);
      const words = text.text.slice(start, stop);
      const source = slugs.get(document.id) as string;
      const value = statementOf(statement, type, source, document.day as string, words, span, entries);
      if (!('quote' in value)) omissions.add('ends of spans that are too long for a quote', at);
      yield { kind: 'statement', value, place: at };
    }
    yield* omissions.items();
  } finally {
    file.close();
  }
}
