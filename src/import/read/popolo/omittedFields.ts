import type { Place } from '../../item.ts';
import type { Omissions } from '../omissions.ts';
import type { Fields } from './document.ts';

/** Which fields of an element have no place in the record. */
interface ElementFields {
  /** Fields that are read, or that say the same as one of those. */
  readonly read: ReadonlySet<string>;
  /** What other fields are, in the plural. */
  readonly omitted: Readonly<Record<string, string>>;
  /** What the elements are, in the plural. */
  readonly of: string;
}

export const ACTOR_FIELDS: ElementFields = {
  of: 'persons and organizations',
  read: new Set([
    ...['id', 'identifiers', 'name', 'other_names', 'summary', 'description', 'classification'],
    ...['given_name', 'additional_name', 'family_name', 'lordname', 'honorific_prefix_in_name'],
    ...['parent_id', 'memberships', 'legislative_periods'],
  ]),
  omitted: {
    image: 'images',
    images: 'images',
    links: 'links',
    contact_details: 'contact details',
    sources: 'sources of entries',
    birth_date: 'dates of birth',
    death_date: 'dates of death',
    gender: 'genders',
    email: 'e-mail addresses',
    sort_name: 'names for sorting',
    honorific_prefix: 'titles',
    honorific_suffix: 'titles',
    founding_date: 'dates of foundation',
    dissolution_date: 'dates of dissolution',
    seats: 'numbers of seats',
  },
};

export const MEMBERSHIP_FIELDS: ElementFields = {
  of: 'memberships',
  read: new Set([
    ...['id', 'person_id', 'organization_id', 'post_id', 'on_behalf_of_id', 'legislative_period_id'],
    ...['start_date', 'end_date', 'role', 'label'],
  ]),
  omitted: { area: 'areas of memberships', area_id: 'areas of memberships' },
};

/** The parts of a value: the items of a list, or one; none of an empty value. */
function partsOf(value: unknown): number {
  if (Array.isArray(value)) return value.length;
  return value === null || value === undefined || value === false || value === '' ? 0 : 1;
}

/** Counts the fields of an element that are not read. */
export function omitFields(
  { read, omitted, of }: ElementFields,
  fields: Fields,
  place: Place,
  omissions: Omissions,
): void {
  for (const [field, value] of Object.entries(fields)) {
    if (read.has(field)) continue;
    // The list of images has the main one, too.
    if (field === 'image' && partsOf(fields.images) > 0) continue;
    omissions.add(omitted[field] ?? `values of “${field}” of ${of}`, place, partsOf(value));
  }
}
