import type { Transaction } from '../db/sql.ts';
import { eventDigest } from './content.ts';
import type { Fault } from './input/fault.ts';
import { type EventInput, eventInput } from './input/noun.ts';
import { WITHDRAWAL } from './save/former.ts';
import { ITEMS, itemsJson, type Parts, writeParts } from './save/rows.ts';
import type { NounRules, Patch } from './save/rules.ts';
import { type SaveOptions, saveEntries } from './save/save.ts';
import { eventWarnings } from './warning.ts';

/** Faults of an event beside those of its form and references. */
function eventFaults(input: EventInput): Fault[] {
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
    INSERT INTO event (id, slug, name, kind, description, edtf, earliest, latest)
    SELECT id, slug, j ->> 'name', (j ->> 'kind')::event_kind, j ->> 'description', j ->> 'date',
      (j ->> 'earliest')::date, (j ->> 'latest')::date
    FROM item WHERE is_new ORDER BY n)
UPDATE event SET name = j ->> 'name', kind = (j ->> 'kind')::event_kind, description = j ->> 'description',
  edtf = j ->> 'date', earliest = (j ->> 'earliest')::date, latest = (j ->> 'latest')::date
FROM item WHERE NOT is_new AND event.id = item.id`;

const PARTICIPANTS: Parts<EventInput> = {
  field: 'participants',
  clear: 'DELETE FROM event_participant WHERE event_id = ANY ($1::int[])',
  add: `INSERT INTO event_participant (event_id, ordinal, actor_id)
    SELECT id, ordinal, actor FROM json_to_recordset($1::json) AS part (id int, ordinal int, actor int)`,
};

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
  async write(tx, entries, idOf) {
    const items = itemsJson(entries, ({ date: { earliest, latest } }) => ({ earliest, latest }));
    await tx.$executeRawUnsafe(WRITE_EVENTS, items);
    await writeParts(tx, entries, PARTICIPANTS, ({ participants }) =>
      participants?.map((slug) => ({ actor: idOf('actor', slug) })),
    );
  },
};

/** Creates or changes events, as `saveEntries` describes. */
export const saveEvents = (tx: Transaction, patches: readonly Patch[], by: string, options?: SaveOptions) =>
  saveEntries(tx, EVENT, patches, by, options);
