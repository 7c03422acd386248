import { isObject } from '../../base/object.ts';
import { INPUT_MAX } from '../../domain/input/field.ts';
import { isSlug } from '../../domain/input/slug.ts';
import type { ActorContent } from './knownActor.ts';
import type { Mention } from './mention.ts';
import { mentionsOf } from './references.ts';

/*
 * Recognition runs before the entries of a file are checked. An entry with a wrong form is passed on unchanged, and the import refuses it
 * with its faults.
 */

/** Characters of a name or role that recognition compares. The check of the entry refuses shorter ones already. */
const COMPARED_LENGTH_MAX = 4 * INPUT_MAX.name;

const isText = (value: unknown): boolean => typeof value === 'string' && value.length <= COMPARED_LENGTH_MAX;

const isOptionalText = (value: unknown): boolean => value === undefined || isText(value);

const isListOf = (value: unknown, fields: readonly string[]): boolean =>
  value === undefined ||
  (Array.isArray(value) &&
    value.every(
      (item) =>
        isObject(item) &&
        fields.every((field) => isText(item[field])) &&
        [item.from, item.to].every((date) => date == null || typeof date === 'string'),
    ));

/** Whether an actor has the form that recognition reads. */
export const isReadableActor = (value: unknown): value is ActorContent =>
  isObject(value) &&
  typeof value.slug === 'string' &&
  isSlug(value.slug) &&
  isOptionalText(value.name) &&
  isListOf(value.aliases, ['name']) &&
  isListOf(value.affiliations, ['in', 'role']) &&
  isListOf(value.identifiers, ['scheme', 'value']);

/** The mentions of a statement; none if one of them has a wrong form. */
export const readableMentions = (value: unknown): Mention[] => {
  const mentions = mentionsOf(value);
  const isFormed = mentions.every(
    ({ as, identifier }) =>
      isOptionalText(as) && (identifier === undefined || isListOf([identifier], ['scheme', 'value'])),
  );
  return isFormed ? mentions : [];
};
