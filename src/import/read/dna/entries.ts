import { INPUT_MAX } from '../../../domain/input/field.ts';
import type { Place } from '../../item.ts';
import { makeSlugs } from '../madeSlug.ts';
import type { Omissions } from '../omissions.ts';
import { cut } from '../utf16Text.ts';
import type { DnaEntity } from './file.ts';
import type { UnderstoodType } from './variables.ts';

export type DnaActorKind = 'PERSON' | 'ORGANISATION' | 'OUTLET';

/** The attribute that has an identifier where it is named so. */
const WIKIDATA = /^wikidata$/i;
const ALIAS = /^alias$/i;

const identityOf = (kind: DnaActorKind, name: string): string => `${kind} ${name}`;

/** The actors and topics of a file, by the names that coders gave them. */
export class DnaEntries {
  readonly #actors = new Map<string, { kind: DnaActorKind; name: string; entity: DnaEntity | null }>();
  readonly #topics = new Map<string, DnaEntity>();
  readonly #types: readonly UnderstoodType[];
  #actorSlugs = new Map<string, string>();
  #topicSlugs = new Map<string, string>();

  /** @param outlets names of the news media that published documents. */
  constructor(types: Iterable<UnderstoodType>, entities: readonly DnaEntity[], outlets: Iterable<string>) {
    this.#types = [...types];
    for (const entity of entities) {
      const is = (role: 'person' | 'organisation' | 'concept') =>
        this.#types.some((type) => type[role] === entity.variable);
      if (is('concept') && !this.#topics.has(entity.value)) this.#topics.set(entity.value, entity);
      if (is('person')) this.#addActor('PERSON', entity.value, entity);
      if (is('organisation')) this.#addActor('ORGANISATION', entity.value, entity);
    }
    for (const name of outlets)
      if (!this.#actors.has(identityOf('ORGANISATION', name))) this.#addActor('OUTLET', name, null);
    this.#actorSlugs = makeSlugs([...this.#actors].map(([identity, { name }]) => ({ identity, name })));
    this.#topicSlugs = makeSlugs([...this.#topics.keys()].map((name) => ({ identity: name, name })));
  }

  #addActor(kind: DnaActorKind, name: string, entity: DnaEntity | null): void {
    const identity = identityOf(kind, name);
    if (!this.#actors.has(identity)) this.#actors.set(identity, { kind, name, entity });
  }

  actorSlug(kind: DnaActorKind, name: string): string {
    return this.#actorSlugs.get(identityOf(kind, name)) as string;
  }

  /** The publisher of a document, which coders can also have named as an organisation. */
  publisherSlug(name: string): string | undefined {
    return (
      this.#actorSlugs.get(identityOf('OUTLET', name)) ??
      this.#actorSlugs.get(identityOf('ORGANISATION', name))
    );
  }

  topicSlug(name: string): string {
    return this.#topicSlugs.get(name) as string;
  }

  /** The actors in the shape of their input. */
  *actors(place: Place, omissions: Omissions): Generator<object> {
    for (const [identity, { kind, name, entity }] of this.#actors) {
      const attributes = Object.entries(entity?.attributes ?? {});
      const aliases = attributes.filter(([attribute, value]) => ALIAS.test(attribute) && value !== name);
      const identifiers = attributes.filter(([attribute]) => WIKIDATA.test(attribute));
      const notes = attributes.filter(([attribute]) => !ALIAS.test(attribute) && !WIKIDATA.test(attribute));
      const description = notes.map(([attribute, value]) => `${attribute}: ${value}`).join('. ');
      if (entity?.parent) omissions.add('places of persons and organisations below others', place);
      yield {
        slug: this.#actorSlugs.get(identity),
        name,
        kind,
        ...(description !== '' && { description: cut(description, INPUT_MAX.description) }),
        ...(aliases.length > 0 && { aliases: aliases.map(([, value]) => ({ name: value })) }),
        ...(identifiers.length > 0 && {
          identifiers: identifiers.map(([, value]) => ({ scheme: 'wikidata', value })),
        }),
      };
    }
  }

  /** The topics in the shape of their input. A concept is a sentence that one can agree with. */
  *topics(): Generator<object> {
    for (const [name, { attributes, parent }] of this.#topics) {
      const description = Object.entries(attributes).map(([attribute, value]) => `${attribute}: ${value}`);
      const above = parent === null ? undefined : this.#topicSlugs.get(parent);
      yield {
        slug: this.topicSlug(name),
        name,
        ...(description.length > 0 && {
          description: cut(description.join('. '), INPUT_MAX.description),
        }),
        proposition: name,
        ...(above !== undefined && { parent: above }),
      };
    }
  }
}
