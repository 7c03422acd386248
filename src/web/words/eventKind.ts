import type { EnumOf } from '../graphql/tada.ts';

const NAMES: Readonly<Record<EnumOf<'EventKind'>, string>> = {
  CALL: 'Call',
  MEETING: 'Meeting',
  SUMMIT: 'Summit',
  PRESS_APPEARANCE: 'Press appearance',
  MILITARY_ACTION: 'Military action',
  DECISION: 'Decision',
  OTHER: 'Event',
};

export const eventKindName = (kind: EnumOf<'EventKind'>): string => NAMES[kind];
