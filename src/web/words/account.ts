import type { EnumOf } from '../graphql/tada.ts';
import { articleOf, type Named, possessiveEnd } from './names.ts';

export interface Hop {
  readonly form: EnumOf<'AttributionForm'>;
  readonly actor: Named;
}

/** A piece of a sentence: plain words, or the name of an actor to be linked. */
type Piece = string | Named;

const FORM_NAMES: Readonly<Record<Hop['form'], string>> = {
  READOUT: 'readout',
  REMARKS: 'remarks',
  VIDEO: 'video',
  INTERVIEW: 'interview',
  PRESS_RELEASE: 'press release',
  SOCIAL_POST: 'post',
  REPORT: 'report',
};

/** "readout", "press release" */
export const formName = (form: Hop['form']): string => FORM_NAMES[form];

/** Words before and after the name of an actor that passed it on. A news medium only shows or reports words; other actors answer for them. */
function frameOf({ form, actor }: Hop): readonly [string, string] {
  const owner = possessiveEnd(actor.name);
  switch (form) {
    case 'VIDEO':
      return ['in a video shared by ', ''];
    case 'INTERVIEW':
      return ['in an interview with ', ''];
    case 'REPORT':
      return ['as reported by ', ''];
    default:
      return ['according to ', `${owner} ${FORM_NAMES[form]}`];
  }
}

/** On whose account a statement is known, as pieces of a sentence, nearest the speaker first; empty without a hop. */
export function accountPieces(attribution: readonly Hop[]): Piece[] {
  return attribution.flatMap((hop, i) => {
    const [before, after] = frameOf(hop);
    return [`${i > 0 ? ', ' : ''}${before}${articleOf(hop.actor)}`, hop.actor, after].filter(
      (piece) => piece !== '',
    );
  });
}

/** The same as plain text: "according to the Kremlin’s readout". */
export function accountText(attribution: readonly Hop[]): string {
  return accountPieces(attribution)
    .map((piece) => (typeof piece === 'string' ? piece : piece.name))
    .join('');
}
