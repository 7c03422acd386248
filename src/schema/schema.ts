import type { GraphQLSchema } from 'graphql';
import { builder } from './builder.ts';
import { withPlainFields } from './plainFields.ts';
import './actor.ts';
import './change.ts';
import './event.ts';
import './mutation.ts';
import './node.ts';
import './record.ts';
import './source.ts';
import './statement.ts';
import './subscription.ts';
import './topic.ts';

/** The whole schema; every type of the files above, with its fields. */
export const schema: GraphQLSchema = withPlainFields(builder.toSchema({}));
