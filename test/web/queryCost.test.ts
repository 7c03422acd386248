import { type DocumentNode, getOperationAST, type OperationDefinitionNode } from 'graphql';
import { expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/config/limits.ts';
import { costOf } from '../../src/http/cost/cost.ts';
import { schema } from '../../src/schema/schema.ts';
import { ActorQuery } from '../../src/web/actor/actorQuery.ts';
import { EventsQuery } from '../../src/web/browse/eventsQuery.ts';
import { EventQuery } from '../../src/web/event/eventQuery.ts';
import { FacetQuery } from '../../src/web/feed/facetQuery.ts';
import { NamesFoundQuery } from '../../src/web/feed/namesFoundQuery.ts';
import { SourceQuery } from '../../src/web/source/sourceQuery.ts';
import { SourcesQuery } from '../../src/web/source/sourcesQuery.ts';
import { StatementQuery } from '../../src/web/statement/statementQuery.ts';
import { HistogramQuery } from '../../src/web/timeline/histogramQuery.ts';
import { TopicQuery } from '../../src/web/topic/topicQuery.ts';

const QUERIES = {
  HistogramQuery,
  FacetQuery,
  EventQuery,
  EventsQuery,
  ActorQuery,
  TopicQuery,
  StatementQuery,
  NamesFoundQuery,
  SourceQuery,
  SourcesQuery,
};

it.each(Object.entries(QUERIES))(
  '%s of the reader page costs at most nine tenths of what an operation may',
  (_, query) => {
    const document = query as unknown as DocumentNode;
    const operation = getOperationAST(document) as OperationDefinitionNode;
    const { points } = costOf({ schema, document, operation, variables: {} });
    expect(points).toBeLessThanOrEqual(0.9 * DEFAULT_LIMITS.COST_MAX);
  },
);
