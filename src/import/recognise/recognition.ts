import { ReadoutError } from '../../base/errors.ts';
import { isObject } from '../../base/object.ts';
import type { Database } from '../../db/client.ts';
import type { ImportItem, ItemSource } from '../item.ts';
import { FoundActorCounts, type FoundActors } from './foundActors.ts';
import { comparedName } from './knownActor.ts';
import { ActorLookUp } from './lookUp.ts';
import { RecognisedFile } from './recognisedFile.ts';

/** Characters of the mentions and slugs in the lines `map` of an import. Beyond it LIMIT_EXCEEDED. @limit characters */
export const IMPORT_MAP_LENGTH_MAX = 8_388_608;

const slugOf = (value: unknown): string | null =>
  isObject(value) && typeof value.slug === 'string' ? value.slug : null;

/** Recognises the actors of one import. */
export class Recognition {
  #collection: string | null;
  readonly #lookUp: ActorLookUp;
  /** Slugs by compared name. */
  readonly #map = new Map<string, string>();
  #mapLength = 0;
  readonly #found = new FoundActorCounts();

  /** @param collection the one that the import belongs to, in the shape of its input; null where a header gives it, or for none. */
  constructor(db: Database, collection: Readonly<Record<string, unknown>> | null = null) {
    this.#collection = slugOf(collection);
    this.#lookUp = new ActorLookUp(db.prisma);
  }

  /** The actors that were found by words alone so far. */
  get found(): FoundActors {
    return this.#found.found;
  }

  /**
   * Passes the items on with the actors that are meant. Mentions get their actors. If the header of a file says `recognise`, an actor that
   * the record has becomes a patch of it, with what the file adds; a new one is passed on unchanged. A speaker who is not certain stays a
   * mention without an actor.
   */
  async *resolveActors(items: ItemSource): ItemSource {
    let file = this.#fileOf(false);
    for await (const item of items) {
      if (item.kind === 'map') {
        this.#addToMap(item);
      } else if (item.kind === 'header') {
        yield* file.end();
        const isRecognised = isObject(item.value) && item.value.recognise === true;
        if (isObject(item.value)) this.#collection ??= slugOf(item.value.collection);
        file = this.#fileOf(isRecognised);
        yield item;
      } else yield* file.take(item);
    }
    yield* file.end();
  }

  #fileOf(isRecognised: boolean): RecognisedFile {
    return new RecognisedFile(
      this.#lookUp,
      this.#map,
      this.#found,
      isRecognised ? { collection: this.#collection } : null,
    );
  }

  #addToMap({ value }: ImportItem): void {
    if (!isObject(value)) return;
    const { mention, actor } = value;
    if (typeof mention !== 'string' || typeof actor !== 'string') return;
    this.#mapLength += mention.length + actor.length;
    if (this.#mapLength > IMPORT_MAP_LENGTH_MAX) throw tooLongMap();
    this.#map.set(comparedName(mention), actor);
  }
}

function tooLongMap(): ReadoutError {
  const message = `The mentions and slugs of a map have more than ${IMPORT_MAP_LENGTH_MAX} characters. Import in parts, each with its own map.`;
  const details = { limit: 'IMPORT_MAP_LENGTH_MAX', max: IMPORT_MAP_LENGTH_MAX };
  return new ReadoutError('LIMIT_EXCEEDED', message, undefined, details);
}
