import { PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX } from '../../read/page.ts';
import { LIST_SIZE_DEFAULT } from '../../read/slice.ts';
import { COUNT_GROUPS_DEFAULT, COUNT_GROUPS_MAX } from '../../read/statements/counts/counts.ts';

/** The price of a field that is a list or needs more work than a value. A point is about a microsecond of work. */
export interface FieldCost {
  /** Points of its SQL, which runs once for all parents. Default: 0. */
  readonly once?: number;
  /** Points for each parent, whatever is selected below it. Default: 1. */
  readonly each?: number;
  /** Whether it is a field of a connection that concerns the whole list, so that it does not depend on the page size. */
  readonly ofList?: boolean;
  /**
   * The number of items that count, at least one: a usual number; `page`, the page size in the arguments; or the number or list
   * length in `argument`, at most `max`, and `default` (or `max`) where it is not given. No more than `usual` count where lists are
   * usually not longer than that. Default: 1.
   */
  readonly items?:
    | number
    | 'page'
    | {
        readonly argument: string;
        readonly max: number;
        readonly default?: number;
        readonly usual?: number;
      };
}

/** A page of a list: one SQL statement. */
const PAGE = { once: 500, items: 'page' } as const;
/** A page of statements for each of several parents: one SQL statement with a look-up for each parent. */
const PAGE_OF_EACH = { once: 500, each: 100, items: 'page' } as const;
/** A count reads the whole list. */
const COUNT = { each: 500 } as const;
const OF_LIST = { ofList: true } as const;
/** A list that one SQL statement reads for all parents. */
const list = (items: number) => ({ once: 400, each: 6, items });
/** Items of a nested list with `first` and `offset`. */
const first = (sizeDefault: number) => ({ argument: 'first', default: sizeDefault, max: PAGE_SIZE_MAX });
/** A list whose page is read by an index, and its count. */
const SUBLIST = { once: 400, each: 20, items: first(LIST_SIZE_DEFAULT) } as const;
const SUBLIST_COUNT = { once: 400, each: 10 } as const;
/** Reads all statements of the actor or topic that take a stance, for any page. */
const POSITIONS = { once: 2_000, each: 200, items: first(LIST_SIZE_DEFAULT) } as const;
const POSITION_COUNT = { once: 2_000, each: 200 } as const;
/** Reads the statements of the event and their sides. */
const COMPARED = { once: 500, each: 1_500 } as const;
/** A row that is usually cached. */
const CACHED_ROW = { each: 3 } as const;
/** A transaction of a few SQL statements. */
const WRITE = { once: 3_000 } as const;
/** The items of the list are counted in the argument. Its SQL is charged at settlement. */
const WRITE_LIST = { once: 3_000, items: { argument: 'input', max: 500 } } as const;

/**
 * Every field that is a list, and every other field that costs more than one point. The numbers of items are usual ones of a
 * large record. A test proves that no list is missing.
 */
export const COST_TABLE: Readonly<Record<string, FieldCost>> = {
  'Query.actor': { each: 120 },
  'Query.event': { each: 120 },
  'Query.source': { each: 120 },
  'Query.topic': { each: 120 },
  'Query.statement': { each: 400 },
  'Query.node': { once: 400, each: 5 },
  'Query.nodes': { once: 400, each: 10, items: { argument: 'ids', max: 100 } },
  'Query.actors': PAGE,
  'Query.collection': { each: 120 },
  'Query.collections': PAGE,
  'Query.changes': PAGE,
  'Query.events': PAGE,
  'Query.sources': { ...PAGE, once: 1_500 },
  'Query.statements': PAGE,
  // Two SQL statements. Statements beyond the first thousand are paid when their number is known.
  'Query.statementCounts': {
    each: 2_500,
    items: { argument: 'first', default: COUNT_GROUPS_DEFAULT, max: COUNT_GROUPS_MAX },
  },
  // Groups all mentions without an actor.
  'Query.unresolvedMentions': { each: 2_000, items: first(LIST_SIZE_DEFAULT) },
  'Query.lostAnchors': { each: 1_000, items: first(LIST_SIZE_DEFAULT) },
  'Query.topics': PAGE,
  'Actor.statements': PAGE_OF_EACH,
  'Event.statements': PAGE_OF_EACH,
  'Collection.statements': PAGE_OF_EACH,
  'Source.statements': PAGE_OF_EACH,
  'Topic.statements': PAGE_OF_EACH,
  // The page's size is counted where the connection is asked for.
  'ActorConnection.edges': { items: 1 },
  'ActorConnection.nodes': { items: 1 },
  'CollectionConnection.edges': { items: 1 },
  'CollectionConnection.nodes': { items: 1 },
  'CollectionConnection.pageInfo': OF_LIST,
  'EventConnection.edges': { items: 1 },
  'EventConnection.nodes': { items: 1 },
  'SourceConnection.edges': { items: 1 },
  'SourceConnection.nodes': { items: 1 },
  'StatementConnection.edges': { items: 1 },
  'StatementConnection.nodes': { items: 1 },
  'TopicConnection.edges': { items: 1 },
  'TopicConnection.nodes': { items: 1 },
  'ActorConnection.pageInfo': OF_LIST,
  'EventConnection.pageInfo': OF_LIST,
  'SourceConnection.pageInfo': OF_LIST,
  'StatementConnection.pageInfo': OF_LIST,
  'TopicConnection.pageInfo': OF_LIST,
  // By an index. What a long list costs more is charged at settlement.
  'StatementConnection.totalCount': { each: 100, ofList: true },
  // The number of groups is counted where the counts are asked for.
  'StatementCounts.groups': { items: 1 },
  'StatementCounts.total': OF_LIST,
  'StatementCounts.groupCount': OF_LIST,
  'StatementCounts.uncounted': OF_LIST,
  'StatementCounts.isComplete': OF_LIST,
  'StatementGroup.speaker': CACHED_ROW,
  'StatementGroup.side': CACHED_ROW,
  'StatementGroup.topic': CACHED_ROW,
  'StatementGroup.event': CACHED_ROW,
  'StatementGroup.source': CACHED_ROW,
  'UnresolvedMentions.mentions': { items: 1 },
  'UnresolvedMentions.total': OF_LIST,
  'LostAnchors.anchors': { items: 1 },
  'LostAnchors.total': OF_LIST,
  'LostAnchor.statement': { once: 400, each: 5 },
  'UnresolvedMention.example': { once: 400, each: 5 },
  'Record.statements': { each: 10_000 },
  'Record.actors': COUNT,
  'Record.topics': COUNT,
  'Record.sources': COUNT,
  'Record.events': COUNT,
  'Record.collections': COUNT,
  'Statement.speakers': list(2),
  'Statement.mentions': list(1),
  'Mention.actor': CACHED_ROW,
  'Statement.addressees': list(1),
  'Statement.onBehalfOf': list(1),
  'Statement.givers': list(1),
  'Statement.sides': list(1),
  'Statement.offices': list(2),
  'Statement.attribution': list(1),
  'Statement.topics': list(2),
  'Statement.events': list(1),
  'Statement.anchors': list(1),
  // Reads the text of the source as far as the span.
  'Anchor.words': { once: 400, each: 300 },
  'Statement.links': list(1),
  'Statement.linkedFrom': SUBLIST,
  'Statement.linkedFromCount': SUBLIST_COUNT,
  'Statement.codings': { once: 800, each: 60, items: first(LIST_SIZE_DEFAULT) },
  'Statement.codingCount': { once: 400, each: 60 },
  'Coding.agreement': { once: 1_600, each: 90 },
  'CodingAgreement.agrees': { items: 4 },
  'CodingAgreement.differs': { items: 4 },
  'Statement.revisions': SUBLIST,
  'Statement.revisionCount': SUBLIST_COUNT,
  'Statement.retraction': CACHED_ROW,
  'Statement.recordedBy': { once: 400, each: 10 },
  'Statement.source': CACHED_ROW,
  'Statement.collection': CACHED_ROW,
  'Statement.account': { once: 500, each: 20 },
  'StatementTopic.topic': CACHED_ROW,
  'Actor.aliases': list(3),
  'Actor.affiliations': list(2),
  'Actor.members': SUBLIST,
  'Actor.memberCount': SUBLIST_COUNT,
  'Actor.identifiers': list(1),
  'Actor.formerSlugs': list(1),
  'Actor.mergedInto': CACHED_ROW,
  'Topic.identifiers': list(1),
  'Source.identifiers': list(1),
  'Actor.revisions': SUBLIST,
  'Actor.revisionCount': SUBLIST_COUNT,
  'Actor.positions': POSITIONS,
  'Actor.positionCount': POSITION_COUNT,
  'ActorPosition.givers': list(1),
  'Topic.children': SUBLIST,
  'Topic.childCount': SUBLIST_COUNT,
  'Topic.revisions': SUBLIST,
  'Topic.revisionCount': SUBLIST_COUNT,
  'Topic.positions': POSITIONS,
  'Topic.positionCount': POSITION_COUNT,
  'Event.revisions': SUBLIST,
  'Event.revisionCount': SUBLIST_COUNT,
  'Source.revisions': SUBLIST,
  'Source.revisionCount': SUBLIST_COUNT,
  'Actor.collection': CACHED_ROW,
  'Topic.collection': CACHED_ROW,
  'Event.collection': CACHED_ROW,
  'Source.collection': CACHED_ROW,
  'Actor.withdrawal': CACHED_ROW,
  'Topic.withdrawal': CACHED_ROW,
  'Event.withdrawal': CACHED_ROW,
  'Source.withdrawal': CACHED_ROW,
  'Collection.retraction': CACHED_ROW,
  'Collection.files': { items: 3 },
  'Collection.recordedAt': SUBLIST_COUNT,
  'Collection.recordedBy': SUBLIST_COUNT,
  'Collection.revisions': SUBLIST,
  'Collection.revisionCount': SUBLIST_COUNT,
  // By an index. What a large collection costs more is charged at settlement.
  'Collection.statementCount': { once: 400, each: 40 },
  'Collection.actorCount': { once: 400, each: 40 },
  'Collection.topicCount': { once: 400, each: 40 },
  'Collection.sourceCount': { once: 400, each: 40 },
  'Collection.eventCount': { once: 400, each: 40 },
  'Event.participants': { once: 400, each: 6, items: { ...first(LIST_SIZE_DEFAULT), usual: 4 } },
  'Event.participantCount': SUBLIST_COUNT,
  // Most events have few sides. Statements beyond the first hundred of an event are paid when their number is known.
  'Event.accounts': { ...COMPARED, items: { ...first(LIST_SIZE_DEFAULT), usual: 4 } },
  'Event.accountCount': { once: 500, each: 300 },
  'Event.otherStatements': { ...COMPARED, items: first(PAGE_SIZE_DEFAULT) },
  'Event.otherStatementCount': COMPARED,
  'Event.comparison': { ...COMPARED, items: first(LIST_SIZE_DEFAULT) },
  // Comes with the rows, which are usually read, too.
  'Event.comparisonRowCount': { once: 500, each: 800 },
  'Account.statements': { once: 800, each: 6, items: first(PAGE_SIZE_DEFAULT) },
  'ComparisonRow.cells': { items: { ...first(PAGE_SIZE_DEFAULT), usual: 4 } },
  'ComparisonRow.verdict': { once: 500, each: 2 },
  'ComparisonCell.statements': { once: 800, each: 6, items: first(PAGE_SIZE_DEFAULT) },
  // Sorts all statements of the source, for any page. Large sources are charged by their time at settlement.
  'Source.statementsInTextOrder': { once: 1_200, each: 500, items: first(LIST_SIZE_DEFAULT) },
  // It can be a megabyte, which is charged by its bytes at settlement.
  'Source.text': { once: 400, each: 1_000 },
  // Its statements are counted in the argument.
  'RecordStatementsPayload.statements': { items: 1 },
  'RecordStatementPayload.warnings': { items: 1 },
  'RecordStatementsPayload.warnings': { items: 1 },
  'ReviseStatementPayload.warnings': { items: 1 },
  'Saved.changed': { items: 2 },
  'Saved.warnings': { items: 1 },
  'SavedList.changed': { items: 2 },
  'SavedList.warnings': { items: 1 },
  'SaveActorPayload.changed': { items: 2 },
  'SaveActorPayload.warnings': { items: 1 },
  'SaveActorsPayload.actors': { items: 1 },
  'SaveActorsPayload.changed': { items: 2 },
  'SaveActorsPayload.warnings': { items: 1 },
  'SaveTopicPayload.changed': { items: 2 },
  'SaveTopicPayload.warnings': { items: 1 },
  'SaveTopicsPayload.topics': { items: 1 },
  'SaveTopicsPayload.changed': { items: 2 },
  'SaveTopicsPayload.warnings': { items: 1 },
  'SaveSourcePayload.changed': { items: 2 },
  'SaveSourcePayload.warnings': { items: 1 },
  'SaveSourcesPayload.sources': { items: 1 },
  'SaveSourcesPayload.changed': { items: 2 },
  'SaveSourcesPayload.warnings': { items: 1 },
  'SaveCollectionPayload.changed': { items: 2 },
  'SaveCollectionPayload.warnings': { items: 1 },
  'SaveEventPayload.changed': { items: 2 },
  'SaveEventPayload.warnings': { items: 1 },
  'SaveEventsPayload.events': { items: 1 },
  'SaveEventsPayload.changed': { items: 2 },
  'SaveEventsPayload.warnings': { items: 1 },
  'Warning.path': { items: 2 },
  // The SQL of a list is charged at settlement.
  'Mutation.recordStatements': { once: 2_000, items: { argument: 'input', max: 500 } },
  'Mutation.recordStatement': { once: 2_000 },
  'Mutation.reviseStatement': WRITE,
  'Mutation.retractStatement': WRITE,
  'Mutation.linkStatements': WRITE,
  'Mutation.saveActor': WRITE,
  'Mutation.saveActors': WRITE_LIST,
  'Mutation.saveTopic': WRITE,
  'Mutation.saveTopics': WRITE_LIST,
  'Mutation.saveSource': WRITE,
  'Mutation.saveSources': WRITE_LIST,
  'Mutation.saveEvent': WRITE,
  'Mutation.saveEvents': WRITE_LIST,
  'Mutation.saveCollection': WRITE,
  // Most corrections lose few anchors. The search and a long list are charged at settlement.
  'Mutation.reanchorSource': { once: 10_000 },
  'ReanchorSourcePayload.anchors': { items: 20 },
  'ReanchoredAnchor.statement': { once: 400, each: 5 },
  'Mutation.withdrawActor': WRITE,
  'Mutation.withdrawTopic': WRITE,
  'Mutation.withdrawSource': WRITE,
  'Mutation.withdrawEvent': WRITE,
  // The SQL of a large collection, of a prominent actor or of many mentions is charged at settlement.
  'Mutation.mergeActors': { once: 20_000 },
  'Mutation.resolveMention': { once: 20_000 },
  'Mutation.splitActor': { once: 20_000 },
  'Mutation.retractCollection': { once: 20_000 },
  // Introspection reads memory only, so its lists count for less than their length.
  '__Schema.types': { items: 30 },
  '__Schema.directives': { items: 3 },
  '__Type.fields': { items: 5 },
  '__Type.interfaces': { items: 1 },
  '__Type.possibleTypes': { items: 1 },
  '__Type.enumValues': { items: 2 },
  '__Type.inputFields': { items: 2 },
  '__Field.args': { items: 1 },
  '__Directive.args': { items: 1 },
  '__Directive.locations': { items: 3 },
};
