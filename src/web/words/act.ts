import type { EnumOf } from '../graphql/tada.ts';

type Act = EnumOf<'StatementAct'>;

/** For each act its verb: of one speaker, and of several. */
const VERBS: Readonly<Record<Act, readonly [string, string]>> = {
  STATE: ['states', 'state'],
  AGREE: ['agrees', 'agree'],
  PLEDGE: ['pledges', 'pledge'],
  SUPPORT: ['supports', 'support'],
  CONCEDE: ['concedes', 'concede'],
  REQUEST: ['requests', 'request'],
  PROPOSE: ['proposes', 'propose'],
  ACCUSE: ['accuses', 'accuse'],
  DENY: ['denies', 'deny'],
  REJECT: ['rejects', 'reject'],
  WARN: ['warns', 'warn'],
  THREATEN: ['threatens', 'threaten'],
};

/** The verb of an act for this number of speakers. */
export function actVerb(act: Act, speakers: number): string {
  return VERBS[act][speakers > 1 ? 1 : 0];
}

const DIRECT = new Set<Act>(['ACCUSE', 'WARN', 'THREATEN']);
const TOWARDS = new Set<Act>(['REJECT', 'DENY', 'CONCEDE']);

/** The words between the verb and those it is addressed to: "accuses", "rejects towards", "proposes to". */
export function actPreposition(act: Act): string {
  if (DIRECT.has(act)) return ' ';
  if (TOWARDS.has(act)) return ' towards ';
  return act === 'REQUEST' ? ' of ' : ' to ';
}
