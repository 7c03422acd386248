import { PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX } from '../read/page.ts';
import { LIST_SIZE_DEFAULT } from '../read/slice.ts';

/** What a field costs that is more than a value or a single thing. */
export interface FieldCost {
  /** Points for the field itself, whatever is selected of it: the SQL behind it. */
  readonly own?: number;
  /**
   * How many items it is counted to have: a number as usual for the record, `page` for the page's size by its
   * arguments, the length of a list argument, at most so many, or the number in an argument.
   */
  readonly items?:
    | number
    | 'page'
    | { readonly argument: string; readonly max: number }
    | { readonly argument: string; readonly default: number; readonly max: number };
}

/** Items of a plain list that hangs on something, by its argument. */
const first = (sizeDefault: number) => ({ argument: 'first', default: sizeDefault, max: PAGE_SIZE_MAX });
/** A list whose part is read by an index, and the counting of it. */
const SUBLIST = { own: 3, items: first(LIST_SIZE_DEFAULT) } as const;
const SUBLIST_COUNT = { own: 3 } as const;
/** Reads all statements of the actor or the topic that take a stance, whatever part is asked for. */
const POSITIONS = { own: 50, items: first(LIST_SIZE_DEFAULT) } as const;
const POSITION_COUNT = { own: 50 } as const;
/** Reads the statements of the event, and whom they belong to. */
const COMPARISON_COST = 100;

/** Points for reading a page of a list: a statement of SQL. */
const PAGE = { own: 10, items: 'page' } as const;
const COUNT = { own: 50 } as const;

/**
 * Every field that is a list, and those that are dearer than they look. All other fields cost one point. The numbers of
 * items are what statements and events of a well-filled record have; a test proves that no list is missing.
 */
export const COST_TABLE: Readonly<Record<string, FieldCost>> = {
  'Query.actors': PAGE,
  'Query.changes': PAGE,
  'Query.events': PAGE,
  'Query.sources': PAGE,
  'Query.statements': PAGE,
  'Query.topics': PAGE,
  'Query.nodes': { own: 10, items: { argument: 'ids', max: 100 } },
  'Actor.statements': PAGE,
  'Event.statements': PAGE,
  'Source.statements': PAGE,
  'Topic.statements': PAGE,
  // The page's size is counted where the connection is asked for.
  'ActorConnection.edges': { items: 1 },
  'ActorConnection.nodes': { items: 1 },
  'EventConnection.edges': { items: 1 },
  'EventConnection.nodes': { items: 1 },
  'SourceConnection.edges': { items: 1 },
  'SourceConnection.nodes': { items: 1 },
  'StatementConnection.edges': { items: 1 },
  'StatementConnection.nodes': { items: 1 },
  'TopicConnection.edges': { items: 1 },
  'TopicConnection.nodes': { items: 1 },
  // Counting reads the whole list.
  'StatementConnection.totalCount': COUNT,
  'Record.statements': COUNT,
  'Record.actors': COUNT,
  'Record.topics': COUNT,
  'Record.sources': COUNT,
  'Record.events': COUNT,
  'Statement.speakers': { items: 2 },
  'Statement.addressees': { items: 2 },
  'Statement.givers': { items: 2 },
  'Statement.attribution': { items: 2 },
  'Statement.topics': { items: 3 },
  'Statement.events': { items: 2 },
  'Statement.anchors': { items: 2 },
  'Statement.links': { items: 3 },
  'Statement.linkedFrom': SUBLIST,
  'Statement.linkedFromCount': SUBLIST_COUNT,
  'Statement.revisions': SUBLIST,
  'Statement.revisionCount': SUBLIST_COUNT,
  'Actor.aliases': { items: 5 },
  'Actor.affiliations': { items: 3 },
  'Actor.members': SUBLIST,
  'Actor.memberCount': SUBLIST_COUNT,
  'Actor.positions': POSITIONS,
  'Actor.positionCount': POSITION_COUNT,
  'Topic.children': SUBLIST,
  'Topic.childCount': SUBLIST_COUNT,
  'Topic.positions': POSITIONS,
  'Topic.positionCount': POSITION_COUNT,
  'Event.participants': { items: 4 },
  'Event.accounts': { own: COMPARISON_COST, items: 3 },
  'Event.comparison': { own: COMPARISON_COST, items: first(LIST_SIZE_DEFAULT) },
  'Event.comparisonRowCount': { own: COMPARISON_COST },
  'Event.comparisonIsComplete': { own: COMPARISON_COST },
  'Account.statements': { items: first(PAGE_SIZE_DEFAULT) },
  'ComparisonRow.cells': { items: 3 },
  'ComparisonCell.statements': { items: first(PAGE_SIZE_DEFAULT) },
  // It can be a megabyte.
  'Source.text': { own: 1_000 },
  'RecordStatementsPayload.statements': { items: 20 },
  'Mutation.recordStatements': { own: 20, items: { argument: 'input', max: 500 } },
  'Mutation.recordStatement': { own: 20 },
  'Mutation.reviseStatement': { own: 20 },
  'Mutation.retractStatement': { own: 20 },
  'Mutation.linkStatements': { own: 20 },
  'Mutation.saveActor': { own: 20 },
  'Mutation.saveTopic': { own: 20 },
  'Mutation.saveSource': { own: 20 },
  'Mutation.saveEvent': { own: 20 },
  // The schema describes itself from memory, so its lists count for less than they are long.
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
