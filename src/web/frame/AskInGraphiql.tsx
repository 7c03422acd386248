import { graphiqlAddress, type Question } from '../graphql/graphiql.ts';

interface Props extends Question {
  readonly children?: string;
}

/** A link that opens the operation of a view in GraphiQL. */
export function AskInGraphiql({ document, variables, children = 'Ask this in GraphiQL' }: Props) {
  return (
    <a className="ask" href={graphiqlAddress({ document, variables: variables ?? {} })}>
      {children}
    </a>
  );
}
