import { useEffect, useState } from 'react';
import { graphiqlAddress, type ViewOperation } from '../graphql/graphiql.ts';

interface Props extends ViewOperation {
  readonly children?: string;
}

/** A link that opens the operation of a view in GraphiQL. */
export function AskInGraphiql({ document, variables, children = 'Ask this in GraphiQL' }: Props) {
  const [address, setAddress] = useState<string>();
  // Every render of a view makes its variables again.
  const given = JSON.stringify(variables ?? {});
  useEffect(() => {
    let isCurrent = true;
    graphiqlAddress({ document, variables: JSON.parse(given) }).then((made) => {
      if (isCurrent) setAddress(made);
    });
    return () => {
      isCurrent = false;
    };
  }, [document, given]);
  return (
    <a className="ask" href={address}>
      {children}
    </a>
  );
}
