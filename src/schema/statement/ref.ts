import { type FieldNode, type GraphQLResolveInfo, Kind, type ValueNode } from 'graphql';
import type { Loaders } from '../../read/loading/loaders.ts';
import type { Connection } from '../../read/page.ts';
import type { Parent } from '../../read/statements/drivingTable.ts';
import { type StatementFilterInput, takeSlugs } from '../../read/statements/filter.ts';
import { countStatements, readStatements } from '../../read/statements/list.ts';
import {
  parseStatementList,
  type StatementListArguments,
  type StatementListRequest,
} from '../../read/statements/request.ts';
import type { StatementRow } from '../../read/statements/row.ts';
import { builder, type Context } from '../builder/builder.ts';
import { StatementFilter } from './filter.ts';
import { selectionOfConnection } from './selection.ts';

/** The type Statement. Its fields are in statement.ts, so that the types of the fields can refer to it. */
export const StatementRef = builder.objectRef<StatementRow>('Statement');

/** A page of statements, and the number of statements of its whole list. A class: V8 keeps functions of object literals until the next full collection. */
class StatementPage implements Connection<StatementRow> {
  readonly edges: Connection<StatementRow>['edges'];
  readonly pageInfo: Connection<StatementRow>['pageInfo'];
  readonly #count: () => Promise<number>;

  constructor({ edges, pageInfo }: Connection<StatementRow>, count: () => Promise<number>) {
    this.edges = edges;
    this.pageInfo = pageInfo;
    this.#count = count;
  }

  count(): Promise<number> {
    return this.#count();
  }
}

export const StatementConnection = builder.connectionObject(
  {
    type: StatementRef,
    name: 'StatementConnection',
    description: 'A page of a list of statements.',
    fields: (t) => ({
      totalCount: t.int({
        description: 'Number of statements of the whole list. Counted only if selected.',
        resolve: (page) => (page as unknown as StatementPage).count(),
      }),
    }),
  },
  { name: 'StatementConnectionEdge', description: 'A statement in a list.' },
);

const StatementOrderEnum = builder.enumType('StatementOrder', {
  description:
    'Order of a list of statements. Statements with equal dates are in the order in which they were recorded. SAID_ON_DESC and ' +
    'RELEVANCE reverse it: the last recorded first.',
  values: {
    SAID_ON_DESC: {
      value: 'SAID_ON_DESC',
      description: 'Newest first, by the earliest day of `said`.',
    },
    SAID_ON_ASC: {
      value: 'SAID_ON_ASC',
      description: 'Oldest first, by the earliest day of `said`.',
    },
    RECORDED_DESC: { value: 'RECORDED_DESC', description: 'Last recorded first.' },
    RELEVANCE: {
      value: 'RELEVANCE',
      description: 'Best match of `filter.search` first. Requires `filter.search`.',
    },
  } as const,
});

/** The arguments of every list of statements. */
export const statementListArgs = builder.args((t) => ({
  filter: t.field({
    type: StatementFilter,
    description: 'Which statements. Without it, all current ones.',
  }),
  orderBy: t.field({
    type: StatementOrderEnum,
    defaultValue: 'SAID_ON_DESC',
    description: 'Order of the list.',
  }),
}));

/** Takes the slugs in a checked filter. The answer warns of those that the record does not have. */
export function takeFilter(filter: StatementFilterInput | null | undefined, { unknown }: Loaders): void {
  if (!filter) return;
  takeSlugs(filter, ['filter'], (noun, slug, path) => {
    unknown.take(noun, slug, path);
  });
}

/**
 * Requests by the nodes of their field, which are the same objects for each execution of a compiled query. Null where an argument has a
 * variable, so that the request is another one each time.
 */
const requests = new WeakMap<GraphQLResolveInfo['fieldNodes'], StatementListRequest | null>();

/** Checks the arguments of a list, and takes the slugs in its filter. */
function parseList(
  args: StatementListArguments,
  load: Loaders,
  info: GraphQLResolveInfo,
): StatementListRequest {
  const known = requests.get(info.fieldNodes);
  const request = known ?? parseStatementList(args, selectionOfConnection(info));
  if (known === undefined) requests.set(info.fieldNodes, hasVariable(info.fieldNodes[0]) ? null : request);
  takeFilter(args.filter, load);
  return request;
}

function hasVariable(field: FieldNode | undefined): boolean {
  return field?.arguments?.some(({ value }) => isVariable(value)) ?? false;
}

function isVariable(value: ValueNode): boolean {
  if (value.kind === Kind.LIST) return value.values.some(isVariable);
  if (value.kind === Kind.OBJECT) return value.fields.some((field) => isVariable(field.value));
  return value.kind === Kind.VARIABLE;
}

/** The statements of the record. */
export async function listStatements(
  args: StatementListArguments,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<StatementPage> {
  const request = parseList(args, context.load, info);
  const page = await readStatements(context.db, context.load, request);
  let count: Promise<number> | undefined;
  return new StatementPage(page, () => {
    count ??=
      page.total === null
        ? countStatements(context.db, context.load, request.condition)
        : Promise.resolve(page.total);
    return count;
  });
}

/** The statements of one actor, topic, source or event. The lists of all parents of a list are read together. */
export function listStatementsOf(
  parent: Parent,
  id: number,
  args: StatementListArguments,
  { load }: Context,
  info: GraphQLResolveInfo,
): Promise<StatementPage> {
  const lists = load.statementLists.of(parent, info.fieldNodes, () => parseList(args, load, info));
  return lists.pages.load(id).then((page) => new StatementPage(page, () => lists.counts.load(id)));
}
