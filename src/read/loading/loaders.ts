import { inSteps, nextTurn } from '../../base/steps.ts';
import type { Database } from '../../db/client.ts';
import type { Actor, Affiliation, Alias, Change, Event, Revision, Topic } from '../../db/generated/client.ts';
import type { AttributionForm, Stance } from '../../db/generated/enums.ts';
import { type ComparisonRow, compare } from '../../domain/compare/comparison.ts';
import { type Account, accounts } from '../../domain/compare/sides.ts';
import { after, type Soon } from '../maybe.ts';
import { lists, listsOf, Reads, ReadsWith, Things } from '../memory/batch.ts';
import { type Catalog, type SourceRow, WITHOUT_TEXT } from '../memory/catalog.ts';
import { SlugReads } from '../memory/slugs.ts';
import type { Connection } from '../page.ts';
import type { Slice } from '../slice.ts';
import type { Parent } from '../statements/drivingTable.ts';
import { countStatementsOf, readStatementsById, readStatementsOf } from '../statements/list.ts';
import type { StatementListRequest } from '../statements/request.ts';
import type { StatementRow } from '../statements/row.ts';
import { type ReadComparison, readComparisonInputs } from './comparison.ts';
import {
  type ActorPositionsRequest,
  countPositionsOfActors,
  countPositionsOnTopics,
  type PositionRow,
  readPositionsOfActors,
  readPositionsOnTopics,
} from './standings.ts';
import {
  countChildren,
  countLinkedFrom,
  countMembers,
  countRevisions,
  type LinkRow,
  readChildren,
  readLinkedFrom,
  readMembers,
  readRevisions,
} from './sublists.ts';

const idIn = (ids: readonly number[]) => ({ where: { statementId: { in: [...ids] } } });
const ordered = { orderBy: { ordinal: 'asc' } } as const;

/** What goes by a slug, beside statements. */
interface Rows {
  readonly actor: Actor;
  readonly topic: Topic;
  readonly source: SourceRow;
  readonly event: Event;
}

export type Noun = keyof Rows | 'statement';

export interface StatementTopicRow {
  readonly topicId: number;
  readonly stance: Stance | null;
}
export interface HopRow {
  readonly actorId: number;
  readonly form: AttributionForm;
}

/** A list of statements that hangs on several parents, by their ids. */
interface StatementLists {
  readonly pages: Reads<number, Connection<StatementRow>>;
  readonly counts: Reads<number, number>;
}

/**
 * Reads by id for one operation, or one delivered change: whatever is asked for in the same tick becomes one SQL
 * statement, so that no list, however deep, costs a query for each of its items.
 */
export class Loaders {
  readonly #db: Database;
  readonly #statementLists = new Map<object, Map<Parent, StatementLists>>();
  readonly #existing = new Map<Noun, Reads<number, object | null>>();

  readonly slugs: SlugReads;
  readonly actor: Things<Actor>;
  readonly topic: Things<Topic>;
  readonly source: Things<SourceRow>;
  readonly sourceText: Reads<number, string | null>;
  readonly event: Things<Event>;
  readonly aliases: Reads<number, Alias[]>;
  readonly affiliations: Reads<number, Affiliation[]>;
  readonly members: ReadsWith<Slice, Affiliation[]>;
  readonly memberCount: Reads<number, number>;
  readonly children: ReadsWith<Slice, Topic[]>;
  readonly childCount: Reads<number, number>;
  readonly participantIds: Reads<number, number[]>;
  readonly statement: Reads<number, StatementRow | null>;
  readonly speakerIds: Reads<number, number[]>;
  readonly addresseeIds: Reads<number, number[]>;
  readonly eventIds: Reads<number, number[]>;
  readonly topics: Reads<number, StatementTopicRow[]>;
  readonly attribution: Reads<number, HopRow[]>;
  readonly anchors: Reads<number, { start: number; end: number; digest: string; exact: string | null }[]>;
  readonly links: Reads<number, LinkRow[]>;
  readonly linkedFrom: ReadsWith<Slice, LinkRow[]>;
  readonly linkedFromCount: Reads<number, number>;
  readonly revisions: ReadsWith<Slice, Revision[]>;
  readonly revisionCount: Reads<number, number>;
  /** The change at a position. */
  readonly change: Reads<string, Change>;
  readonly positionsOfActor: ReadsWith<ActorPositionsRequest, PositionRow[]>;
  readonly positionCountOfActor: ReadsWith<Pick<ActorPositionsRequest, 'topicIds'>, number>;
  readonly positionsOnTopic: ReadsWith<Slice, PositionRow[]>;
  readonly positionCountOnTopic: Reads<number, number>;
  readonly comparison: Reads<number, ReadComparison>;
  readonly accounts: Reads<number, Account[]>;
  readonly comparisonRows: Reads<number, ComparisonRow[]>;

  constructor(db: Database, catalog: Catalog) {
    const { prisma } = db;
    this.#db = db;
    this.slugs = new SlugReads(db, catalog.slugs);
    this.actor = new Things(catalog.actor, (ids) => prisma.actor.findMany({ where: { id: { in: ids } } }));
    this.topic = new Things(catalog.topic, (ids) => prisma.topic.findMany({ where: { id: { in: ids } } }));
    this.source = new Things(catalog.source, (ids) =>
      prisma.source.findMany({ where: { id: { in: ids } }, omit: WITHOUT_TEXT }),
    );
    this.sourceText = new Reads(async (ids) => {
      const rows = await prisma.source.findMany({
        where: { id: { in: [...ids] } },
        select: { id: true, text: true },
      });
      const texts = new Map(rows.map(({ id, text }) => [id, text]));
      return ids.map((id) => texts.get(id) ?? null);
    });
    this.event = new Things(catalog.event, (ids) => prisma.event.findMany({ where: { id: { in: ids } } }));
    this.aliases = listsOf(
      (ids) => prisma.alias.findMany({ where: { actorId: { in: ids } }, ...ordered }),
      (alias) => alias.actorId,
      (alias) => alias,
    );
    this.affiliations = listsOf(
      (ids) => prisma.affiliation.findMany({ where: { actorId: { in: ids } }, ...ordered }),
      (affiliation) => affiliation.actorId,
      (affiliation) => affiliation,
    );
    this.members = new ReadsWith((ids, slice) => readMembers(db, ids, slice));
    this.memberCount = new Reads((ids) => countMembers(db, ids));
    this.children = new ReadsWith((ids, slice) => readChildren(db, ids, slice));
    this.childCount = new Reads((ids) => countChildren(db, ids));
    this.participantIds = listsOf(
      (ids) => prisma.eventParticipant.findMany({ where: { eventId: { in: ids } }, ...ordered }),
      (participant) => participant.eventId,
      (participant) => participant.actorId,
    );
    this.statement = new Reads((ids) => readStatementsById(db, ids));
    this.speakerIds = lists(
      (ids) => prisma.statementSpeaker.findMany({ ...idIn(ids), ...ordered }),
      (row) => row.actorId,
    );
    this.addresseeIds = lists(
      (ids) => prisma.statementAddressee.findMany({ ...idIn(ids), ...ordered }),
      (row) => row.actorId,
    );
    this.eventIds = lists(
      (ids) => prisma.statementEvent.findMany({ ...idIn(ids), ...ordered }),
      (row) => row.eventId,
    );
    this.topics = lists(
      (ids) => prisma.statementTopic.findMany({ ...idIn(ids), ...ordered }),
      ({ topicId, stance }) => ({ topicId, stance }),
    );
    this.attribution = lists(
      (ids) => prisma.attribution.findMany({ ...idIn(ids), ...ordered }),
      ({ actorId, form }) => ({ actorId, form }),
    );
    this.anchors = lists(
      (ids) => prisma.anchor.findMany({ ...idIn(ids), ...ordered }),
      (row) => row,
    );
    this.links = lists(
      async (ids) => {
        const rows = await prisma.statementLink.findMany({
          where: { fromId: { in: [...ids] } },
          orderBy: [{ kind: 'asc' }, { toId: 'asc' }],
        });
        return rows.map(({ kind, fromId, toId }) => ({ kind, statementId: fromId, toId }));
      },
      ({ kind, toId }) => ({ kind, statementId: toId }),
    );
    this.linkedFrom = new ReadsWith((ids, slice) => readLinkedFrom(db, ids, slice));
    this.linkedFromCount = new Reads((ids) => countLinkedFrom(db, ids));
    this.revisions = new ReadsWith((ids, slice) => readRevisions(db, ids, slice));
    this.revisionCount = new Reads((ids) => countRevisions(db, ids));
    this.change = new Reads(async (positions) => {
      const rows = await prisma.change.findMany({ where: { position: { in: positions.map(BigInt) } } });
      const byPosition = new Map(rows.map((row) => [String(row.position), row]));
      return positions.map(
        (position) => byPosition.get(position) ?? new Error(`the log has no change ${position}`),
      );
    });
    this.positionsOfActor = new ReadsWith((ids, given) => readPositionsOfActors(db, ids, given));
    this.positionCountOfActor = new ReadsWith((ids, given) => countPositionsOfActors(db, ids, given));
    this.positionsOnTopic = new ReadsWith((ids, slice) => readPositionsOnTopics(db, ids, slice));
    this.positionCountOnTopic = new Reads((ids) => countPositionsOnTopics(db, ids));
    this.comparison = new Reads((ids) => readComparisonInputs(db, ids));
    this.accounts = new Reads((ids) =>
      this.#compared(ids, async (input) => {
        await nextTurn();
        return accounts(input);
      }),
    );
    this.comparisonRows = new Reads((ids) => this.#compared(ids, (input) => inSteps(compare(input))));
  }

  /** Rows by an id that a client sent: null where there is none. */
  existing(noun: Noun): Reads<number, object | null> {
    if (noun === 'statement') return this.statement;
    const known = this.#existing.get(noun);
    if (known) return known;
    const delegate = this.#db.prisma[noun] as unknown as {
      findMany(args: object): Promise<{ id: number }[]>;
    };
    const loader = new Reads<number, object | null>(async (ids) => {
      const rows = new Map(
        (
          await delegate.findMany({
            where: { id: { in: [...ids] } },
            ...(noun === 'source' && { omit: WITHOUT_TEXT }),
          })
        ).map((row) => [row.id, row]),
      );
      return ids.map((id) => rows.get(id) ?? null);
    });
    this.#existing.set(noun, loader);
    return loader;
  }

  /**
   * The same page of statements for each parent of a list, and how many there are in all.
   * @param field what asks for them: the same for every parent.
   * @param parse says what is asked for; once for all parents.
   */
  statementsOf(parent: Parent, field: object, parse: () => StatementListRequest): StatementLists {
    const known = this.#statementLists.get(field)?.get(parent);
    if (known) return known;
    const request = parse();
    const values = (ids: readonly number[]) => this.#valuesOf(parent, ids);
    const lists: StatementLists = {
      pages: new Reads(async (ids) => readStatementsOf(this.#db, request, parent, ids, await values(ids))),
      counts: new Reads(async (ids) =>
        countStatementsOf(this.#db, request.condition, parent, ids, await values(ids)),
      ),
    };
    const ofField = this.#statementLists.get(field) ?? new Map<Parent, StatementLists>();
    this.#statementLists.set(field, ofField.set(parent, lists));
    return lists;
  }

  /** The thing of a slug; null where the record has none. */
  find<Kind extends keyof Rows>(kind: Kind, slug: string): Soon<Rows[Kind] | null> {
    const things = this[kind] as unknown as Things<Rows[Kind]>;
    return after(this.slugs.ids(kind, [slug]), ([ids]) =>
      ids?.[0] === undefined ? null : things.load(ids[0]),
    );
  }

  /** What is made of the comparison of each event, of one after the other. */
  async #compared<Made>(
    ids: readonly number[],
    make: (input: ReadComparison) => Promise<Made>,
  ): Promise<Made[]> {
    const made: Made[] = [];
    for (const input of await Promise.all(ids.map((id) => this.comparison.load(id)))) {
      made.push(await make(input));
    }
    return made;
  }

  /** What the statements of parents are found under: the parent itself, or a topic with everything below it. */
  async #valuesOf(parent: Parent, ids: readonly number[]): Promise<readonly (readonly number[])[]> {
    if (parent !== 'topic') return ids.map((id) => [id]);
    const topics = await this.topic.all(ids);
    return this.slugs.ids(
      'subtree',
      topics.map(({ slug }) => slug),
    );
  }
}
