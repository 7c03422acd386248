import { graphiqlAddress, type ViewOperation } from '../graphql/graphiql.ts';

interface Props extends ViewOperation {
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
