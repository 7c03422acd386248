import { Fragment } from 'react';
import { Link } from '../router/Link.tsx';
import { accountPieces, type Hop } from '../words/account.ts';
import { articleOf, type Named } from '../words/names.ts';

function ActorLink({ actor }: { readonly actor: Named }) {
  return <Link href={`/actors/${actor.slug}`}>{actor.name}</Link>;
}

interface Props {
  readonly actors: readonly Named[];
  /** Whether the names are inside a sentence, where some take an article. */
  readonly inSentence?: boolean;
  /** Whether more follow. */
  readonly isCut?: boolean;
}

/** "A, B and C", each a link; "A, B, C" if more follow. */
export function ActorLinks({ actors, inSentence = false, isCut = false }: Props) {
  return actors.map((actor, i) => (
    <Fragment key={actor.slug}>
      {i > 0 && (i === actors.length - 1 && !isCut ? ' and ' : ', ')}
      {inSentence && articleOf(actor)}
      <ActorLink actor={actor} />
    </Fragment>
  ));
}

/** "according to the Kremlin’s readout", with links. */
export function AccountPhrase({ attribution }: { readonly attribution: readonly Hop[] }) {
  return accountPieces(attribution).map((piece, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one sentence keep their places
    <Fragment key={i}>{typeof piece === 'string' ? piece : <ActorLink actor={piece} />}</Fragment>
  ));
}
