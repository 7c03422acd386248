import { graphiqlAddress, type Question } from '../graphql/graphiql.ts';

interface Props extends Question {
  readonly children?: string;
}

/** Opens the very operation behind a view, to be tried and changed. */
export function AskInGraphiql({ document, variables, children = 'Ask this in GraphiQL' }: Props) {
  return (
    <a className="ask" href={graphiqlAddress({ document, variables: variables ?? {} })}>
      {children}
    </a>
  );
}
