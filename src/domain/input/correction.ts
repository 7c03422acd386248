import { z } from 'zod';
import { exactText, flag, INPUT_MAX, line, list, optional, slug } from './field.ts';
import { ifPosition, saveActorInput } from './noun.ts';
import { linkKind, statementContent } from './statement.ts';

/* What a recorder can send to correct what the record has. */

const statementId = z.string('must be an id or a slug').meta({ id: 'ID' });

/** The form of a revision. The content that results from it is checked as a whole by `statementInput`. */
export const revisionInput = z
  .strictObject({
    id: statementId.describe('The statement’s id, or its slug.'),
    ifPosition: ifPosition.describe(
      'The `position` at which you read the statement. If it has changed since, nothing is written and the error CONFLICT gives the present position.',
    ),
    ...statementContent.partial().shape,
  })
  .meta({
    id: 'ReviseStatementInput',
    description: 'A revision. A field that is left out stays unchanged; null empties an optional field.',
  });

export const retractionInput = z
  .strictObject({
    id: statementId.describe('The statement’s id, or its slug.'),
    reason: line(INPUT_MAX.reason).describe('Why it is retracted.'),
  })
  .meta({ id: 'RetractStatementInput', description: 'A retraction.' });

const reason = line(INPUT_MAX.reason).describe('Why it is retracted.');

export const withdrawalInput = z
  .strictObject({ slug: slug.describe('Its slug.'), reason })
  .meta({ id: 'WithdrawInput', description: 'The withdrawal of an actor, topic, source or event.' });

export const reanchorInput = z
  .strictObject({
    source: slug.describe('Slug of the source.'),
    text: exactText(INPUT_MAX.sourceText).describe('Its complete new text.'),
    keep: optional(flag).describe(
      'Whether the record keeps the text, only where its licence allows. Where false, it is used and not stored. Left out, it is kept if the record has the former text.',
    ),
    licence: optional(line(INPUT_MAX.licence)).describe(
      'The licence of the text. Left out, it stays as it is.',
    ),
    dryRun: optional(flag).describe('Whether to return only the outcome and write nothing. Default: false.'),
  })
  .meta({ id: 'ReanchorSourceInput', description: 'A new text of a source.' });

export const collectionRetractionInput = z
  .strictObject({ slug: slug.describe('Slug of the collection.'), reason })
  .meta({ id: 'RetractCollectionInput', description: 'The retraction of a collection.' });

export const newLinkInput = z
  .strictObject({
    from: statementId.describe('The later statement: its id or slug.'),
    to: statementId.describe('The earlier statement: its id or slug.'),
    kind: linkKind.describe('How the later one relates to the earlier one.'),
  })
  .meta({ id: 'LinkStatementsInput', description: 'A link between two statements of the record.' });

const whyChanged = line(INPUT_MAX.reason).describe(
  'Why, for the log: each change that it makes has this reason.',
);

export const mergeInput = z
  .strictObject({
    from: slug.describe('Slug of the actor that is withdrawn. From then on it leads to the other one.'),
    into: slug.describe('Slug of the actor that remains.'),
    ifPosition: ifPosition.describe(
      'The `position` at which you read `from`. If it has changed since, nothing is written and the error CONFLICT gives the present position.',
    ),
    reason: whyChanged,
  })
  .meta({ id: 'MergeActorsInput', description: 'The merge of two actors that are the same.' });

export const splitInput = z
  .strictObject({
    actor: slug.describe('Slug of the actor whom the statements name now.'),
    into: saveActorInput.describe(
      'The actor whom they name afterwards, as `saveActor` takes it. For one that the record has, its slug is enough.',
    ),
    statements: list(statementId, INPUT_MAX.splitStatements).describe('Ids or slugs of the statements.'),
    reason: whyChanged,
  })
  .meta({
    id: 'SplitActorInput',
    description: 'How to split an actor that was recorded for two different ones.',
  });

export const mentionResolutionInput = z
  .strictObject({
    as: line(INPUT_MAX.mention).describe('The words of the mention, exactly.'),
    actor: slug.describe('Slug of the actor whom they mean.'),
    collection: optional(slug).describe('Slug of a collection: only mentions of its statements.'),
    source: optional(slug).describe('Slug of a source: only mentions of its statements.'),
    reason: whyChanged,
  })
  .meta({ id: 'ResolveMentionInput', description: 'Whom a mention means.' });
