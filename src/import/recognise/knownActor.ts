import type { FuzzyDate } from '../../domain/input/date.ts';
import { dateOf } from '../read/periods.ts';

/** The content of an actor in the shape of its input, unchecked. */
export interface ActorContent {
  readonly slug: string;
  readonly name?: string;
  readonly kind?: string;
  readonly description?: string;
  readonly aliases?: readonly Dated<{ readonly name: string; readonly language?: string }>[];
  readonly affiliations?: readonly Dated<{ readonly in: string; readonly role: string }>[];
  readonly identifiers?: readonly Identifier[];
}
type Dated<T> = T & { readonly from?: string; readonly to?: string };

export interface Identifier {
  readonly scheme: string;
  readonly value: string;
}

/** The days that a date can mean, `YYYY-MM-DD`, both included. */
export type Days = Pick<FuzzyDate, 'earliest' | 'latest'>;

export const identifierKey = ({ scheme, value }: Identifier): string => `${scheme} ${value}`;

/** A name in the form in which names are equal: case and the number of blanks do not count. Other spellings are other names. */
export const comparedName = (name: string): string =>
  name.normalize('NFC').replaceAll(/\s+/g, ' ').trim().toLowerCase();

/** Whether a period has a day of a date. An end that is not known is open. */
function isOn({ from, to }: { readonly from?: string; readonly to?: string }, days: Days): boolean {
  const [first, last] = [dateOf(from ?? ''), dateOf(to ?? '')];
  return !(first && first.earliest > days.latest) && !(last && last.latest < days.earliest);
}

/** An actor of the record or of the import. */
export class KnownActor {
  readonly content: ActorContent;
  /** Whether the record has it, so that a save changes it. */
  readonly isRecorded: boolean;
  /** Whether a file of the import has it. */
  readonly isImported: boolean;

  constructor(content: ActorContent, isRecorded: boolean, isImported: boolean) {
    this.content = content;
    this.isRecorded = isRecorded;
    this.isImported = isImported;
  }

  get slug(): string {
    return this.content.slug;
  }

  /** Names in the form in which they are equal. */
  get names(): string[] {
    const { name = '', aliases = [] } = this.content;
    return [name, ...aliases.map((alias) => alias.name)].map(comparedName);
  }

  /** Whether it had a name on one of these days, or ever where none are given. */
  hasName(compared: string, days?: Days): boolean {
    const { name = '', aliases = [] } = this.content;
    if (comparedName(name) === compared) return true;
    return aliases.some((alias) => comparedName(alias.name) === compared && (!days || isOn(alias, days)));
  }

  hasOfficeOn(days: Days): boolean {
    return (this.content.affiliations ?? []).some((affiliation) => isOn(affiliation, days));
  }

  /** Whether it had a role on one of these days. @param of slug of the other actor; any where left out. */
  hadRole(role: string, days: Days, of?: string): boolean {
    return (this.content.affiliations ?? []).some(
      (affiliation) =>
        comparedName(affiliation.role) === role &&
        (of === undefined || affiliation.in === of) &&
        isOn(affiliation, days),
    );
  }

  /** Whether a system that gives each actor one identifier gives this one another. Then it is another actor. */
  hasOtherIdentifier(identifiers: readonly Identifier[]): boolean {
    const own = this.content.identifiers ?? [];
    return identifiers.some(({ scheme, value }) => {
      const [mine, ...more] = own.filter((one) => one.scheme === scheme);
      const isSingle = identifiers.filter((one) => one.scheme === scheme).length === 1 && more.length === 0;
      return mine !== undefined && isSingle && mine.value !== value;
    });
  }
}
