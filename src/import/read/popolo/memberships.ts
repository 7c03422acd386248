import { INPUT_MAX } from '../../../domain/input/field.ts';
import type { Place, Unread } from '../../item.ts';
import type { Omissions } from '../omissions.ts';
import { type Period, periodOf } from '../periods.ts';
import { cut } from '../utf16Text.ts';
import { type Element, type Fields, type PopoloDocument, recordsOf, textOf } from './document.ts';
import { MEMBERSHIP_FIELDS, omitFields } from './omittedFields.ts';

interface Affiliation extends Period {
  readonly in: string;
  readonly role: string;
}

/** The affiliations of persons that the memberships of a file give, by slug of the person. */
export class Memberships {
  readonly #document: PopoloDocument;
  readonly #slugs: ReadonlyMap<string, string>;
  readonly #posts: ReadonlyMap<string, Fields>;
  readonly #terms: ReadonlyMap<string, Fields>;
  readonly #affiliations = new Map<string, Map<string, Affiliation>>();
  readonly #omissions: Omissions;

  /** @param slugs of persons and organisations, by id. */
  constructor(document: PopoloDocument, slugs: ReadonlyMap<string, string>, omissions: Omissions) {
    this.#document = document;
    this.#slugs = slugs;
    this.#omissions = omissions;
    const byId = (all: readonly Fields[]) => new Map(all.map((fields) => [textOf(fields.id), fields]));
    const fieldsOf = (elements: readonly Element[]) => elements.map(({ fields }) => fields);
    // Some files list the terms of a legislature in its organization.
    const terms = document.organizations.flatMap(({ fields }) => recordsOf(fields.legislative_periods));
    this.#posts = byId(fieldsOf(document.posts));
    this.#terms = byId([...terms, ...fieldsOf(document.events)]);
  }

  /** Reads all memberships. @returns those that can’t be taken. */
  *read(): Generator<Unread> {
    const { memberships, persons, organizations } = this.#document;
    for (const { fields, place } of memberships) yield* this.#take(fields, place);
    for (const {
      fields: { id, memberships: own },
      place,
    } of persons)
      for (const membership of recordsOf(own)) yield* this.#take({ person_id: id, ...membership }, place);
    for (const {
      fields: { id, memberships: own },
      place,
    } of organizations)
      for (const membership of recordsOf(own))
        yield* this.#take({ organization_id: id, ...membership }, place);
  }

  *#take(membership: Fields, place: Place): Generator<Unread> {
    const refuse = (field: string, reason: string): Unread => ({
      kind: 'unread',
      place,
      path: ['memberships', field],
      reason,
    });
    const post = this.#posts.get(textOf(membership.post_id));
    const person = textOf(membership.person_id);
    const organisation = textOf(membership.organization_id) || textOf(post?.organization_id);
    const party = textOf(membership.on_behalf_of_id);
    if (!this.#slugs.has(`person ${person}`))
      return yield refuse('person_id', `names the person “${person}”, whom the file does not have`);
    for (const [field, id] of [
      ['organization_id', organisation],
      ['on_behalf_of_id', party],
    ] as const)
      if (id !== '' && !this.#slugs.has(`organisation ${id}`))
        return yield refuse(field, `names the organization “${id}”, which the file does not have`);
    if (organisation === '' && party === '') return yield refuse('organization_id', 'is missing');
    const term = this.#terms.get(textOf(membership.legislative_period_id));
    const period = periodOf(
      textOf(membership.start_date) || textOf(term?.start_date),
      textOf(membership.end_date) || textOf(term?.end_date),
    );
    if ('reason' in period) return yield refuse('start_date', period.reason);
    const role =
      textOf(membership.role) ||
      textOf(post?.role) ||
      textOf(post?.label) ||
      textOf(membership.label) ||
      'member';
    omitFields(MEMBERSHIP_FIELDS, membership, place, this.#omissions);
    if (organisation !== '') this.#add(person, { in: organisation, role, ...period });
    if (party !== '') this.#add(person, { in: party, role: 'member', ...period });
  }

  #add(person: string, affiliation: Affiliation): void {
    const slug = this.#slugs.get(`person ${person}`) as string;
    const own = this.#affiliations.get(slug) ?? new Map<string, Affiliation>();
    const { role, from, to } = affiliation;
    const organisation = this.#slugs.get(`organisation ${affiliation.in}`) as string;
    own.set(JSON.stringify([organisation, role, from, to]), {
      in: organisation,
      role: cut(role, INPUT_MAX.role),
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
    });
    this.#affiliations.set(slug, own);
  }

  of(slug: string, place: Place): Affiliation[] {
    const all = [...(this.#affiliations.get(slug)?.values() ?? [])];
    this.#omissions.add(
      `memberships beyond ${INPUT_MAX.affiliations} of one person`,
      place,
      all.length - INPUT_MAX.affiliations,
    );
    return all.slice(0, INPUT_MAX.affiliations);
  }
}
