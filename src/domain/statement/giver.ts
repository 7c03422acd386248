import assert from 'node:assert/strict';
import type { GiverFacets } from '../../log/facets.ts';
import type { References, SpeakingActor } from '../input/reference.ts';
import type { StatementInput } from '../input/statement.ts';

/*
 * The givers of a statement are those on whose account it is known: the outermost hop of its attribution that is not an outlet, or else the
 * speakers. A giver speaks for a side: for those on whose behalf the statement was made, or else for itself and the states and
 * organisations that it belongs to on that day. Only speakers speak on behalf of another actor: what the Kremlin says that a minister said
 * on behalf of France is Russia's account.
 */

/** The givers of a statement and the actors that they speak for, as `references` has found them. */
export function giverFacets(input: StatementInput, references: References): GiverFacets {
  const passedOnBy = (input.attribution ?? []).findLast(
    ({ actor }) => actorOf(references, actor).kind !== 'OUTLET',
  )?.actor;
  const givers = passedOnBy === undefined ? input.speakers : [passedOnBy];
  const onBehalfOf = passedOnBy === undefined ? (input.onBehalfOf ?? []) : [];
  // Without a giver there is no side, even where the source says on whose behalf an unknown speaker spoke.
  const speakingFor = givers.length > 0 && onBehalfOf.length > 0 ? onBehalfOf : givers;
  const sideIds = new Set<number>();
  for (const slug of speakingFor) {
    sideIds.add(references.id('actor', slug));
    for (const { id } of inForce(actorOf(references, slug).sides, input)) sideIds.add(id);
  }
  return {
    giverIds: givers.map((slug) => references.id('actor', slug)),
    sideIds: [...sideIds],
    offices: input.speakers
      .flatMap((slug) => inForce(actorOf(references, slug).offices, input))
      .map(({ inId, role }) => ({ inId, role })),
  };
}

/** Those that are in force on a day on which the statement can have been said. */
function inForce<Item extends { from: string | null; to: string | null }>(
  items: readonly Item[],
  { said: { earliest, latest } }: StatementInput,
): Item[] {
  return items.filter(({ from, to }) => (from === null || from <= latest) && (to === null || to >= earliest));
}

function actorOf(references: References, slug: string): SpeakingActor {
  const { actor } = references.found('actor', slug);
  assert(actor, `the actor ${slug} was found without its sides`);
  return actor;
}
