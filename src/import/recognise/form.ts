import { isObject } from '../../base/object.ts';
import type { ActorContent } from './knownActor.ts';
import type { Mention } from './mention.ts';
import { mentionsOf } from './references.ts';

/*
 * Recognition runs before the entries of a file are checked. An entry with a wrong form is passed on unchanged, and the import refuses it
 * with its faults.
 */

const isOptionalText = (value: unknown): boolean => value === undefined || typeof value === 'string';

const isListOf = (value: unknown, fields: readonly string[]): boolean =>
  value === undefined ||
  (Array.isArray(value) &&
    value.every(
      (item) =>
        isObject(item) &&
        fields.every((field) => typeof item[field] === 'string') &&
        [item.from, item.to].every((date) => date == null || typeof date === 'string'),
    ));

/** Whether an actor has the form that recognition reads. */
export const isReadableActor = (value: unknown): value is ActorContent =>
  isObject(value) &&
  typeof value.slug === 'string' &&
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
