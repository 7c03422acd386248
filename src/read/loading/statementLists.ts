import type { Database } from '../../db/client.ts';
import { Loader } from '../memory/loader.ts';
import type { SearchLanguages } from '../memory/searchLanguages.ts';
import type { Connection } from '../page.ts';
import type { Parent } from '../statements/drivingTable.ts';
import { countStatementsOf, readStatementsOf } from '../statements/list.ts';
import type { StatementListRequest } from '../statements/request.ts';
import type { StatementRow } from '../statements/row.ts';

/** A list of statements for each of several parents, by their ids. */
interface StatementLists {
  readonly pages: Loader<number, Connection<StatementRow>>;
  readonly counts: Loader<number, number>;
}

type Ids = readonly number[];

/** The lists of statements of actors, topics, sources, events and collections that one operation reads. */
export class StatementListLoaders {
  readonly #db: Database;
  readonly #languages: SearchLanguages;
  readonly #subtreesOf: (topicIds: Ids) => Promise<readonly Ids[]>;
  /** By field of the operation and kind of parent. */
  readonly #lists = new Map<object, Map<Parent, StatementLists>>();

  /** @param subtreesOf returns the ids of each topic and of all topics below it, in the order of the topics. */
  constructor(
    db: Database,
    languages: SearchLanguages,
    subtreesOf: (topicIds: Ids) => Promise<readonly Ids[]>,
  ) {
    this.#db = db;
    this.#languages = languages;
    this.#subtreesOf = subtreesOf;
  }

  /**
   * The same page of statements for each parent of a list, and the length of the whole list.
   * @param field identifies the field of the operation, and is the same object for every parent.
   * @param parse returns the request; called once for all parents.
   */
  of(parent: Parent, field: object, parse: () => StatementListRequest): StatementLists {
    const ofField = this.#lists.get(field) ?? new Map<Parent, StatementLists>();
    this.#lists.set(field, ofField);
    const lists = ofField.get(parent) ?? this.#make(parent, parse());
    ofField.set(parent, lists);
    return lists;
  }

  #make(parent: Parent, request: StatementListRequest): StatementLists {
    const [db, languages] = [this.#db, this.#languages];
    return {
      pages: new Loader(async (ids) =>
        readStatementsOf(db, languages, request, parent, ids, await this.#valuesOf(parent, ids)),
      ),
      counts: new Loader(async (ids) =>
        countStatementsOf(db, languages, request.condition, parent, ids, await this.#valuesOf(parent, ids)),
      ),
    };
  }

  /** The ids under which the statements of each parent are found: its own, or those of a topic and everything below it. */
  async #valuesOf(parent: Parent, ids: Ids): Promise<readonly Ids[]> {
    return parent === 'topic' ? this.#subtreesOf(ids) : ids.map((id) => [id]);
  }
}
