import type { Transaction } from '../db/client.ts';
import { eventDigest } from './content.ts';
import { WITHDRAWAL } from './former.ts';
import type { Fault } from './input/fault.ts';
import { type EventInput, eventInput } from './input/noun.ts';
import {
  formerIds,
  ITEMS,
  itemsJson,
  type NounRules,
  type Patch,
  type SaveOptions,
  saveEntries,
  saveEntry,
} from './save.ts';
import { eventWarnings } from './warning.ts';

/** Faults of an event beside those of its form and references. */
export function eventFaults(input: EventInput): Fault[] {
  const given = input.participants ?? [];
  const seen = new Set<string>();
  return given.flatMap((participant, i) => {
    if (seen.has(participant)) return [{ path: ['input', 'participants', i], message: 'is named twice' }];
    seen.add(participant);
    return [];
  });
}

/** SQL of an event, the row `t`, as JSON in the shape of its input. */
export const EVENT_CONTENT = `json_build_object('slug', t.slug, 'name', t.name, 'kind', t.kind, 'description', t.description, 'date', t.edtf,
  'participants', (SELECT json_agg(actor.slug ORDER BY ordinal) FROM event_participant
  LEFT JOIN actor ON actor.id = actor_id WHERE event_id = t.id), ${WITHDRAWAL})`;

/** $1 items, with `earliest` and `latest`. */
const WRITE_EVENTS = `
WITH ${ITEMS},
  added AS (
    INSERT INTO event (slug, name, kind, description, edtf, earliest, latest)
    SELECT slug, j ->> 'name', (j ->> 'kind')::event_kind, j ->> 'description', j ->> 'date',
      (j ->> 'earliest')::date, (j ->> 'latest')::date
    FROM item WHERE is_new ORDER BY n)
UPDATE event SET name = j ->> 'name', kind = (j ->> 'kind')::event_kind, description = j ->> 'description',
  edtf = j ->> 'date', earliest = (j ->> 'earliest')::date, latest = (j ->> 'latest')::date
FROM item WHERE NOT is_new AND event.slug = item.slug`;

/** $1 ids of events. */
const CLEAR_PARTICIPANTS = 'DELETE FROM event_participant WHERE event_id = ANY ($1::int[])';

/** $1 items. */
const ADD_PARTICIPANTS = `
WITH ${ITEMS}
INSERT INTO event_participant (event_id, ordinal, actor_id)
SELECT event.id, o - 1, actor.id
FROM item JOIN event USING (slug) CROSS JOIN jsonb_array_elements_text(j -> 'participants') WITH ORDINALITY AS part (v, o)
JOIN actor ON actor.slug = v`;

/** How events are checked and written. */
export const EVENT: NounRules<EventInput> = {
  noun: 'event',
  shape: eventInput,
  named: 'name',
  namesOf: ({ name }) => [name],
  contentSql: EVENT_CONTENT,
  visitReferences({ participants }, path, want) {
    participants?.forEach((participant, i) => {
      want('actor', participant, [...path, 'participants', i]);
    });
  },
  contentOf: (input, slug) => ({ ...input, slug, date: input.date.edtf }),
  digestOf: eventDigest,
  faults: eventFaults,
  warnings: eventWarnings,
  async write(tx, entries) {
    const items = itemsJson(entries, ({ date: { earliest, latest } }) => ({ earliest, latest }));
    await tx.$executeRawUnsafe(WRITE_EVENTS, items);
    const former = formerIds(entries);
    if (former.length > 0) await tx.$executeRawUnsafe(CLEAR_PARTICIPANTS, former);
    if (entries.some(({ input }) => input.participants)) await tx.$executeRawUnsafe(ADD_PARTICIPANTS, items);
  },
};

/** Creates or changes events, as `saveEntries` describes. */
export const saveEvents = (tx: Transaction, patches: readonly Patch[], by: string, options?: SaveOptions) =>
  saveEntries(tx, EVENT, patches, by, options);

export const saveEvent = (tx: Transaction, patch: Patch, by: string) => saveEntry(tx, EVENT, patch, by);
