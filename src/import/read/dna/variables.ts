import type { DnaVariable } from './file.ts';

/** The variables of a statement type that become parts of a statement. */
export interface UnderstoodType {
  readonly person: number | undefined;
  readonly organisation: number | undefined;
  readonly concept: number;
  /** A boolean. */
  readonly agreement: number | undefined;
  /** Names of the variables that have no place, by id. */
  readonly others: ReadonlyMap<number, string>;
}

const PERSON = /^(person|actor|speaker)$/i;
const ORGANISATION = /^organi[sz]ation$/i;
const CONCEPT = /^(concept|claim)$/i;

/**
 * The statement types that say who says what, by id: those with a concept, and a person or an organisation. DNA lets coders name variables
 * as they like; these are the names of its own statement type, and the usual ones beside them.
 */
export function understoodTypes(variables: readonly DnaVariable[]): Map<number, UnderstoodType> {
  const byType = new Map<number, DnaVariable[]>();
  for (const variable of variables)
    byType.set(variable.statementType, [...(byType.get(variable.statementType) ?? []), variable]);
  const understood = new Map<number, UnderstoodType>();
  for (const [type, own] of byType) {
    const find = (name: RegExp, dataType: string) =>
      own.find((variable) => variable.type === dataType && name.test(variable.name))?.id;
    const person = find(PERSON, 'short text');
    const organisation = find(ORGANISATION, 'short text');
    const concept = find(CONCEPT, 'short text');
    const agreement = find(/^agreement$/i, 'boolean');
    if (concept === undefined || (person === undefined && organisation === undefined)) continue;
    const used = [person, organisation, concept, agreement];
    const others = new Map(own.filter(({ id }) => !used.includes(id)).map(({ id, name }) => [id, name]));
    understood.set(type, { person, organisation, concept, agreement, others });
  }
  return understood;
}
