import { randomBytes } from 'node:crypto';
import { GraphQLError } from 'graphql';
import { ReadoutError } from '../errors.ts';

/** Told of every error that a client is not shown, with the reference that the client is given. */
export type ReportError = (error: unknown, reference: string) => void;

function fromReadout(error: ReadoutError, located: GraphQLError | null): GraphQLError {
  return new GraphQLError(error.message, {
    nodes: located?.nodes,
    path: located?.path,
    originalError: error,
    extensions: {
      code: error.code,
      ...(error.inputPath && { inputPath: error.inputPath }),
      ...error.details,
    },
  });
}

/**
 * What a client is shown of an error: an expected failure as it is, with its code; anything else only a reference
 * that finds it in the service's log.
 */
export function maskErrors(report: ReportError): (error: unknown) => GraphQLError {
  return (error) => {
    const located = error instanceof GraphQLError ? error : null;
    const cause = located ? located.originalError : error;
    if (cause instanceof ReadoutError) return fromReadout(cause, located);
    if (located && (cause === undefined || cause === null || cause instanceof GraphQLError)) return located;
    const reference = randomBytes(4).toString('hex');
    report(error, reference);
    return new GraphQLError(
      `Something went wrong in the service. Report it with the reference ${reference}.`,
      {
        nodes: located?.nodes,
        path: located?.path,
        extensions: { code: 'INTERNAL', reference },
      },
    );
  };
}
