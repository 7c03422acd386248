import type { EnumOf } from '../graphql/tada.ts';

export type ActorKind = EnumOf<'ActorKind'>;

const NAMES: Readonly<Record<ActorKind, string>> = {
  PERSON: 'Person',
  STATE: 'State',
  ORGANISATION: 'Organisation',
  BODY: 'Body',
  OUTLET: 'News medium',
};

export const actorKindName = (kind: ActorKind): string => NAMES[kind];
