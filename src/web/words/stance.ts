import type { EnumOf } from '../graphql/tada.ts';

export type Stance = EnumOf<'Stance'>;

/** On whose account it is known: the actor's own, or what others report. */
export type Account = EnumOf<'PositionAccount'>;

/** In the order in which they are shown, from support to opposition. */
export const STANCES: readonly Stance[] = ['SUPPORTS', 'MIXED', 'NEUTRAL', 'UNCLEAR', 'OPPOSES'];

const NAMES: Readonly<Record<Stance, string>> = {
  SUPPORTS: 'Supports',
  OPPOSES: 'Opposes',
  MIXED: 'Mixed',
  NEUTRAL: 'Neutral',
  UNCLEAR: 'Unclear',
};

export const stanceName = (stance: Stance): string => NAMES[stance];
/** The class that carries its colour. */
export const stanceClass = (stance: Stance): string => `stance-${stance.toLowerCase()}`;
