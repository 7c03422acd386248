import type {
  LinkKind,
  Stance,
  StatementAct,
  StatementMode,
  StatementStatus,
} from '../../../../db/generated/enums.ts';
import type { SlugNoun } from '../../../memory/unknownSlugs.ts';

/** A list in a filter. @limit items */
export const FILTER_LIST_MAX = 100;

/** GraphQL types that a field of `StatementFilter` can have, with the value that the service receives. */
export interface FieldTypes {
  readonly String: string;
  readonly Boolean: boolean;
  readonly Float: number;
  /** `YYYY-MM-DD` */
  readonly Date: string;
  readonly LinkKind: LinkKind;
  readonly Stance: Stance;
  readonly StatementAct: StatementAct;
  readonly StatementMode: StatementMode;
  readonly StatementStatus: StatementStatus;
}
export type FieldType = keyof FieldTypes;

/** An input type of several parts. They are required unless they are optional. */
export interface FieldObject {
  readonly name: string;
  readonly description: string;
  readonly fields: Readonly<Record<string, FieldPart>>;
}

interface FieldPart {
  readonly type: FieldType;
  readonly isOptional?: true;
  /** Texts: the entries that they name by slug. */
  readonly slugsOf?: SlugNoun;
  readonly description: string;
}

/** Points for each list that the filter is applied to: of the field, even if it is an empty list, and of each of its values. */
export interface FieldPoints {
  readonly own: number;
  readonly each: number;
}
export const LIST_POINTS: FieldPoints = { own: 100, each: 6 };
export const OPTION_POINTS: FieldPoints = { own: 1, each: 0 };

/** A field of `StatementFilter`. */
export interface FilterField {
  readonly type: FieldType | FieldObject;
  readonly isList: boolean;
  /** Texts: the entries that they name by slug. */
  readonly slugsOf?: SlugNoun;
  readonly defaultValue?: boolean;
  readonly description: string;
  readonly points: FieldPoints;
}
export type FilterFields = Readonly<Record<string, FilterField>>;

type ValueOfType<Type> = Type extends FieldType
  ? FieldTypes[Type]
  : Type extends FieldObject
    ? ValueOfParts<Type['fields']>
    : never;
type OptionalPart = FieldPart & { readonly isOptional: true };
type ValueOfParts<Parts extends FieldObject['fields']> = {
  readonly [Name in keyof Parts as Parts[Name] extends OptionalPart
    ? never
    : Name]: FieldTypes[Parts[Name]['type']];
} & {
  readonly [Name in keyof Parts as Parts[Name] extends OptionalPart ? Name : never]?:
    | FieldTypes[Parts[Name]['type']]
    | null;
};
type ValueOf<Field extends FilterField> = Field['isList'] extends true
  ? readonly ValueOfType<Field['type']>[]
  : ValueOfType<Field['type']>;

/** What a client sends in these fields. */
export type InputOf<Fields extends FilterFields> = {
  readonly [Name in keyof Fields]?: ValueOf<Fields[Name]> | null;
};

/** The description of a list of slugs. */
export const describeSlugs = (what: string): string =>
  `${what} Slugs, at most ${FILTER_LIST_MAX}; an unknown slug matches nothing, and the answer warns of it.`;
