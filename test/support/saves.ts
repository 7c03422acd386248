import type { Transaction } from '../../src/db/sql.ts';
import { saveActors } from '../../src/domain/actor.ts';
import { saveCollections } from '../../src/domain/collection.ts';
import { saveEvents } from '../../src/domain/event.ts';
import type { Patch } from '../../src/domain/save/rules.ts';
import type { Saved, SaveOptions } from '../../src/domain/save/save.ts';
import { saveSources } from '../../src/domain/source.ts';
import { saveTopics } from '../../src/domain/topic.ts';

type SaveList = (
  tx: Transaction,
  patches: readonly Patch[],
  by: string,
  options?: SaveOptions,
) => Promise<Saved[]>;

/** Saves one entry, which is the input of its request. */
const one =
  (save: SaveList) =>
  async (tx: Transaction, patch: Patch, by: string): Promise<Saved> =>
    (await save(tx, [patch], by, { pathOf: () => ['input'] }))[0] as Saved;

export const saveActor = one(saveActors);
export const saveTopic = one(saveTopics);
export const saveSource = one(saveSources);
export const saveEvent = one(saveEvents);
export const saveCollection = one(saveCollections);
