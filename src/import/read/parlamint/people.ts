import { INPUT_MAX } from '../../../domain/input/field.ts';
import type { ImportItem, Place, Unread } from '../../item.ts';
import { makeSlugs } from '../madeSlug.ts';
import type { Omissions } from '../omissions.ts';
import { type Period, periodOf } from '../periods.ts';
import { cut } from '../utf16Text.ts';
import { childrenOf, descendantsOf, englishOf, wordsIn, type XmlElement } from './xml.ts';

/** A person or organisation of a corpus. */
interface Member {
  readonly element: XmlElement;
  readonly file: string;
  readonly name: string;
  /** `xml:id`. */
  readonly identity: string;
}

interface Identifier {
  readonly scheme: string;
  readonly value: string;
}

/** Pages that several persons can share. */
const SHARED_PAGES =
  /^(twitter|facebook|instagram|youtube|tiktok|vk|telegram|flickr|linkedin|personal|business|politics)/;
const NO_PLACE: Readonly<Record<string, string>> = {
  sex: 'genders',
  birth: 'dates of birth',
  death: 'dates of death',
  figure: 'portraits',
  education: 'educations',
  occupation: 'occupations',
  residence: 'residences',
  nationality: 'nationalities',
  state: 'political orientations',
  event: 'dates of foundation',
  listEvent: 'lists of terms',
  note: 'notes on persons and organisations',
};
const BODIES = /^(government|parliament|ministry|committee|commission|court|delegation)/i;

/** “María Jesús Lorenzana Somoza”, in whatever order the parts are written. */
function personName(name: XmlElement): string {
  const parts = (...names: string[]) => childrenOf(name, ...names).map((part) => wordsIn(part));
  const all = [...parts('forename'), ...parts('nameLink'), ...parts('surname'), ...parts('genName')].filter(
    Boolean,
  );
  return all.length > 0 ? all.join(' ') : wordsIn(name);
}

/** The present name in English, or else the present name. */
function currentName(names: readonly XmlElement[]): XmlElement | undefined {
  const current = names.filter(({ attributes }) => attributes.to === undefined);
  return englishOf(current.length > 0 ? current : names.toReversed());
}

const fullNames = (org: XmlElement): XmlElement[] =>
  childrenOf(org, 'orgName').filter(({ attributes }) => attributes.full !== 'abb');

const scheme = (text: string): string =>
  (text.toLowerCase().match(/[a-z0-9]+/g) ?? []).join('-').slice(0, INPUT_MAX.scheme);

/** The persons and organisations of a corpus. */
export class People {
  readonly #members: Member[] = [];
  /** Terms of parliaments and governments, by `xml:id`. */
  readonly #terms = new Map<string, XmlElement>();
  readonly #scheme: string;

  /** @param corpusScheme of the identifiers that are made of `xml:id`, such as `parlamint-gb`. */
  constructor(corpusScheme: string) {
    this.#scheme = corpusScheme;
  }

  get isEmpty(): boolean {
    return this.#members.length === 0;
  }

  /** Adds the persons and organisations in an element. */
  add(root: XmlElement, file: string): void {
    for (const element of descendantsOf(root, 'org', 'person')) {
      const identity = element.attributes['xml:id'];
      if (identity === undefined) continue;
      const named =
        element.name === 'org'
          ? (currentName(fullNames(element)) ?? childrenOf(element, 'orgName')[0])
          : undefined;
      const person = element.name === 'person' ? currentName(childrenOf(element, 'persName')) : undefined;
      const name = named ? wordsIn(named) : person ? personName(person) : '';
      this.#members.push({ element, file, identity, name: name || identity });
      for (const event of descendantsOf(element, 'event')) {
        const id = event.attributes['xml:id'];
        if (id !== undefined) this.#terms.set(id, event);
      }
    }
  }

  /**
   * The actors, organisations first.
   * @param isPart whether they are those of one sitting, which has no organisations. Affiliations are then left out.
   */
  *items(omissions: Omissions, isPart = false): Generator<ImportItem | Unread> {
    const slugs = makeSlugs(this.#members);
    const shared = this.#sharedIdentifiers();
    const inOrder = [
      ...this.#members.filter(({ element }) => element.name === 'org'),
      ...this.#members.filter(({ element }) => element.name === 'person'),
    ];
    for (const member of inOrder) {
      const { element, file, identity, name } = member;
      const place = { file, line: element.line };
      const faults: Unread[] = [];
      const affiliations = this.#affiliations(member, slugs, omissions, isPart, (line, path, reason) => {
        faults.push({ kind: 'unread', place: { file, line }, path, reason });
      });
      for (const child of childrenOf(element)) {
        const what = NO_PLACE[child.name];
        if (what !== undefined) omissions.add(what, place);
      }
      const aliases = aliasesOf(member);
      const identifiers = this.#identifiersOf(member, shared, omissions);
      const value = {
        slug: slugs.get(identity),
        name: cut(name, INPUT_MAX.name),
        kind:
          element.name === 'person'
            ? 'PERSON'
            : BODIES.test(element.attributes.role ?? '')
              ? 'BODY'
              : 'ORGANISATION',
        ...(aliases.length > 0 && { aliases: aliases.slice(0, INPUT_MAX.aliases) }),
        ...(affiliations.length > 0 && { affiliations }),
        identifiers: [{ scheme: this.#scheme, value: identity }, ...identifiers].slice(
          0,
          INPUT_MAX.identifiers,
        ),
      };
      yield { kind: 'actor', value, place };
      yield* faults;
    }
  }

  #affiliations(
    { element, file }: Member,
    slugs: ReadonlyMap<string, string>,
    omissions: Omissions,
    isPart: boolean,
    refuse: (line: number, path: string[], reason: string) => void,
  ): object[] {
    const affiliations = new Map<string, object>();
    for (const affiliation of childrenOf(element, 'affiliation')) {
      const { ref = '', role = '', from, to, when, ana = '' } = affiliation.attributes;
      const slug = slugs.get(ref.replace(/^#/, ''));
      if (slug === undefined && isPart) {
        const place = { file, line: affiliation.line };
        omissions.add('affiliations with organisations of other files', place);
        continue;
      }
      if (slug === undefined) {
        const reason = `names the organisation “${ref}”, which the file does not have. Import the file of the corpus, which includes it`;
        refuse(affiliation.line, ['affiliation', 'ref'], reason);
        continue;
      }
      const terms = ana.split(/\s+/).flatMap((id) => this.#terms.get(id.replace(/^#/, '')) ?? []);
      const has = from !== undefined || to !== undefined || when !== undefined;
      const dated = has
        ? { from: from ?? when, to: to ?? when }
        : terms.length === 1
          ? terms[0]?.attributes
          : {};
      const period = periodOf(dated?.from ?? '', dated?.to ?? '');
      if ('reason' in period) {
        refuse(affiliation.line, ['affiliation', 'from'], period.reason);
        continue;
      }
      const words = wordsIn(englishOf(childrenOf(affiliation, 'roleName'))) || role || 'member';
      const value: { in: string; role: string } & Period = {
        in: slug,
        role: cut(words, INPUT_MAX.role),
        ...period,
      };
      affiliations.set(JSON.stringify(value), value);
    }
    const place: Place = { file, line: element.line };
    omissions.add(
      `memberships beyond ${INPUT_MAX.affiliations} of one person`,
      place,
      affiliations.size - INPUT_MAX.affiliations,
    );
    return [...affiliations.values()].slice(0, INPUT_MAX.affiliations);
  }

  #identifiersOf({ element, file }: Member, shared: ReadonlySet<string>, omissions: Omissions): Identifier[] {
    const place = { file, line: element.line };
    return rawIdentifiers(element).filter(({ scheme: name, value }) => {
      const isShared = SHARED_PAGES.test(name) || shared.has(`${name} ${value}`);
      if (isShared) omissions.add('pages that several persons or organisations can share', place);
      return !isShared;
    });
  }

  /** Identifiers that more than one entry has: they identify none. */
  #sharedIdentifiers(): Set<string> {
    const seen = new Set<string>();
    const shared = new Set<string>();
    for (const { element } of this.#members)
      for (const { scheme: name, value } of rawIdentifiers(element)) {
        const key = `${name} ${value}`;
        if (seen.has(key)) shared.add(key);
        seen.add(key);
      }
    return shared;
  }
}

function rawIdentifiers(element: XmlElement): Identifier[] {
  const all = childrenOf(element, 'idno').map((idno) => ({
    scheme: scheme(idno.attributes.subtype ?? idno.attributes.type ?? ''),
    value: wordsIn(idno),
  }));
  const usable = all.filter(
    ({ scheme: name, value }) => name !== '' && value !== '' && value.length <= INPUT_MAX.identifier,
  );
  return [...new Map(usable.map((one) => [`${one.scheme} ${one.value}`, one])).values()];
}

/** The other names, with their languages and dates. */
function aliasesOf({ element, name }: Member): object[] {
  const names =
    element.name === 'person'
      ? childrenOf(element, 'persName').map((one) => ({ one, text: personName(one) }))
      : childrenOf(element, 'orgName').map((one) => ({ one, text: wordsIn(one) }));
  const aliases = new Map<string, object>();
  for (const { one, text } of names) {
    if (text === '' || text === name || aliases.has(text) || [...text].length > INPUT_MAX.name) continue;
    const { 'xml:lang': language, from = '', to = '', full } = one.attributes;
    const period = periodOf(from, to);
    aliases.set(text, {
      name: text,
      ...(language !== undefined && full !== 'abb' && { language }),
      ...('reason' in period ? {} : period),
    });
  }
  return [...aliases.values()];
}

/** The scheme of the identifiers of a corpus: `parlamint-gb` for “ParlaMint-GB_2022-07-21-commons”. */
export const corpusSchemeOf = (id: string): string =>
  scheme(/^ParlaMint-[A-Z]{2}(-[A-Z]{2})?(?![A-Za-z])/.exec(id)?.[0] ?? 'tei');
