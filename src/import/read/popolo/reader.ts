import { INPUT_MAX } from '../../../domain/input/field.ts';
import type { ImportItem, ItemSource, ReadOptions, Unread } from '../../item.ts';
import { makeSlugs } from '../madeSlug.ts';
import { Omissions } from '../omissions.ts';
import { cut } from '../utf16Text.ts';
import { readWhole } from '../whole.ts';
import { actorKindOf, aliasesOf, identifiersOf, nameOf } from './actors.ts';
import {
  type Element,
  type Fields,
  type PopoloDocument,
  popoloDocumentOf,
  recordsOf,
  textOf,
} from './document.ts';
import { Memberships } from './memberships.ts';
import { ACTOR_FIELDS, omitFields } from './omittedFields.ts';

/** An actor of the file. */
interface PopoloActor {
  readonly kind: 'person' | 'organisation';
  /** All entries that it has in the file; those of one identifier are one actor. */
  readonly elements: Element[];
  readonly ids: string[];
  readonly name: string;
  readonly identity: string;
}

/** The persons or organisations of the file. Entries without a name are left out. */
function actorsOf(
  kind: PopoloActor['kind'],
  elements: readonly Element[],
  omissions: Omissions,
): PopoloActor[] {
  const byIdentifier = new Map<string, PopoloActor>();
  const actors: PopoloActor[] = [];
  elements.forEach((element, i) => {
    const { fields, place } = element;
    const id = textOf(fields.id) || `${kind} ${i + 1}`;
    const name = nameOf(fields);
    if (name === '') return;
    const keys = identifiersOf(fields, place, new Omissions()).map(
      ({ scheme, value }) => `${scheme} ${value}`,
    );
    const same = keys.map((key) => byIdentifier.get(key)).find((actor) => actor !== undefined);
    const actor = same ?? { kind, elements: [], ids: [], name, identity: `${kind} ${keys[0] ?? id}` };
    if (same)
      omissions.add(
        'entries that share an identifier with an earlier one, whose actor has their names',
        place,
      );
    else actors.push(actor);
    actor.elements.push(element);
    actor.ids.push(id);
    for (const key of keys) byIdentifier.set(key, actor);
  });
  return actors;
}

/** The fields of all entries of an actor as those of one. */
function joined({ elements, name }: PopoloActor): Fields {
  const [first, ...others] = elements.map(({ fields }) => fields) as [Fields, ...Fields[]];
  if (others.length === 0) return first;
  const namesOf = (fields: Fields) => [{ name: nameOf(fields) }, ...recordsOf(fields.other_names)];
  return {
    ...first,
    other_names: [
      ...recordsOf(first.other_names),
      ...others.flatMap(namesOf).filter((given) => given.name !== name),
    ],
    identifiers: [first, ...others].flatMap(({ identifiers }) => recordsOf(identifiers)),
  };
}

/** An actor in the shape of its input. */
function inputOf(
  actor: PopoloActor,
  slugs: ReadonlyMap<string, string>,
  memberships: Memberships,
  omissions: Omissions,
): object {
  const { kind, elements, ids, name } = actor;
  const [{ place }] = elements as [Element];
  const slug = slugs.get(`${kind} ${ids[0]}`) as string;
  const fields = joined(actor);
  const parent = kind === 'person' ? undefined : slugs.get(`organisation ${textOf(fields.parent_id)}`);
  const description = textOf(fields.summary) || textOf(fields.description);
  const aliases = aliasesOf(fields, name, place, omissions);
  const identifiers = identifiersOf(fields, place, omissions);
  const affiliations =
    parent === undefined || parent === slug ? memberships.of(slug, place) : [{ in: parent, role: 'part' }];
  return {
    slug,
    name,
    kind: kind === 'person' ? 'PERSON' : actorKindOf(textOf(fields.classification)),
    ...(description !== '' && { description: cut(description, INPUT_MAX.description) }),
    ...(aliases.length > 0 && { aliases }),
    ...(affiliations.length > 0 && { affiliations }),
    ...(identifiers.length > 0 && { identifiers }),
  };
}

function* itemsOf(document: PopoloDocument, omissions: Omissions): Generator<ImportItem | Unread> {
  const { organizations, persons } = document;
  const actors = [
    ...actorsOf('organisation', organizations, omissions),
    ...actorsOf('person', persons, omissions),
  ];
  const made = makeSlugs(actors);
  const slugs = new Map(
    actors.flatMap(({ kind, ids, identity }) =>
      ids.map((id) => [`${kind} ${id}`, made.get(identity) as string]),
    ),
  );
  const memberships = new Memberships(document, slugs, omissions);
  const refused = [...memberships.read()];
  for (const actor of actors) {
    const [{ place }] = actor.elements as [Element];
    for (const element of actor.elements) omitFields(ACTOR_FIELDS, element.fields, element.place, omissions);
    yield { kind: 'actor', value: inputOf(actor, slugs, memberships, omissions), place };
  }
  for (const { fields, place } of [...organizations, ...persons])
    if (nameOf(fields) === '') yield { kind: 'unread', place, path: ['name'], reason: 'is missing' };
  yield* refused;
}

/**
 * Reads persons, organisations and memberships of a Popolo file as actors with affiliations. docs/import-formats.md has the mapping. The file is
 * held as a whole.
 */
export async function* readPopolo(bytes: AsyncIterable<Uint8Array>, { file }: ReadOptions): ItemSource {
  const place = { file, line: 1 };
  const refuse = (reason: string): Unread => ({ kind: 'unread', place, path: [], reason });
  const whole = await readWhole(bytes);
  if ('reason' in whole) return yield refuse(whole.reason);
  let parsed: unknown;
  try {
    parsed = JSON.parse(whole.text);
  } catch (error) {
    return yield refuse(`is not JSON: ${(error as Error).message}`);
  }
  const document = popoloDocumentOf(whole.text, parsed, file);
  if (!document) return yield refuse('is not Popolo. It must have persons, organizations or memberships');
  const omissions = new Omissions();
  yield { kind: 'header', value: { readout: 1, recognise: true }, place };
  yield* itemsOf(document, omissions);
  omissions.add('elections and legislative periods', place, document.events.length);
  for (const [list, count] of document.others) omissions.add(list, place, count);
  yield* omissions.items();
}
