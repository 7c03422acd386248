import type { GraphQLSchema } from 'graphql';
import { builder } from './builder/builder.ts';
import { withEnumValues } from './builder/enumValues.ts';
import { withPlainFields } from './builder/plainFields.ts';
import './actor.ts';
import './change.ts';
import './collection.ts';
import './event.ts';
import './mutation/mutation.ts';
import './mutation/reanchor.ts';
import './mutation/save.ts';
import './mutation/merge.ts';
import './mutation/withdraw.ts';
import './builder/node.ts';
import './record.ts';
import './source.ts';
import './statement/counts.ts';
import './statement/lostAnchors.ts';
import './statement/statement.ts';
import './statement/unresolved.ts';
import './subscription.ts';
import './topic.ts';

/** The whole schema. Each file imported above adds its types to the builder. */
export const schema: GraphQLSchema = withEnumValues(withPlainFields(builder.toSchema({})));
