import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
} from 'graphql';

/** Root fields of an operation. @limit fields */
export const ROOT_FIELDS_MAX = 30;
/** Fields of an operation, with its fragments inlined. @limit fields */
export const FIELDS_MAX = 5_000;
/**
 * How often a selection contains the same field, also by fragments. More has no use, and makes the check for conflicts
 * slow.
 * @limit times
 */
export const SAME_FIELD_MAX = 15;

/** Aliases in what an operation asks of `__schema`, which it may ask for once: the schema is read in one turn of the event loop. @limit aliases */
export const SCHEMA_ALIASES_MAX = 5;

/** The error for an operation that exceeds a limit. It is refused before it runs. */
export function limitError(message: string, limit: string, max: number, found?: number): GraphQLError {
  return new GraphQLError(message, {
    extensions: {
      code: 'LIMIT_EXCEEDED',
      limit,
      max,
      ...(found !== undefined && { found }),
      http: { status: 400, spec: true },
    },
  });
}

/** Fields by their names in the answer. */
type Fields = ReadonlyMap<string, readonly FieldNode[]>;

const isSchema = ([field]: readonly FieldNode[]): boolean => field?.name.value === '__schema';

/** Checks the operations of a document as they are executed: with inlined fragments and merged fields. */
export class DocumentShape {
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #depthMax: number;
  /** Fragments that the operations use. */
  readonly #reached = new Set<string>();
  #fields = 0;
  /** Aliases below `__schema` in the operation. */
  #schemaAliases = 0;

  constructor(document: DocumentNode, depthMax: number) {
    this.#depthMax = depthMax;
    this.#fragments = new Map(
      document.definitions.flatMap((node) =>
        node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
      ),
    );
  }

  errorOf(set: SelectionSetNode): GraphQLError | null {
    this.#fields = 0;
    this.#schemaAliases = 0;
    const fields = this.#fieldsOf([set]);
    const count = [...fields.values()].reduce((sum, same) => sum + same.length, 0);
    if (count > ROOT_FIELDS_MAX) {
      const message = `An operation may have at most ${ROOT_FIELDS_MAX} root fields, and has ${count}. Split it into several operations.`;
      return limitError(message, 'ROOT_FIELDS_MAX', ROOT_FIELDS_MAX, count);
    }
    if ([...fields.values()].filter(isSchema).length > 1)
      return limitError(
        'An operation may ask for “__schema” once. Ask for all of it at once.',
        'SCHEMA_ALIASES_MAX',
        SCHEMA_ALIASES_MAX,
      );
    return this.#faultOfFields(fields, 1);
  }

  /** The error for unused fragments. They make a document invalid, and the validation of their content would be slow. */
  unusedError(): GraphQLError | null {
    this.#fields = 0;
    for (const [name, { selectionSet }] of this.#fragments) {
      if (this.#reached.has(name)) continue;
      const fault = this.#faultOfFields(this.#fieldsOf([selectionSet]), 1);
      if (fault) return fault;
    }
    return null;
  }

  /** @param inSchema whether they are fields of the schema, below `__schema`. */
  #faultOfFields(fields: Fields, depth: number, inSchema = false): GraphQLError | null {
    if (depth > this.#depthMax) {
      const message = `An operation may be at most ${this.#depthMax} levels deep. Ask for less at once.`;
      return limitError(message, 'DEPTH_MAX', this.#depthMax);
    }
    for (const [name, same] of fields) {
      if (same.length > SAME_FIELD_MAX) {
        const message = `An operation may ask for the same field at most ${SAME_FIELD_MAX} times, and asks for “${name}” ${same.length} times. Once is enough.`;
        return limitError(message, 'SAME_FIELD_MAX', SAME_FIELD_MAX, same.length);
      }
      if (inSchema && name !== same[0]?.name.value) this.#schemaAliases += 1;
      if (this.#schemaAliases > SCHEMA_ALIASES_MAX) {
        const message = `What an operation asks of “__schema” may have at most ${SCHEMA_ALIASES_MAX} aliases. Ask for each part once.`;
        return limitError(message, 'SCHEMA_ALIASES_MAX', SCHEMA_ALIASES_MAX);
      }
      const below = same.flatMap(({ selectionSet }) => selectionSet ?? []);
      const isBelowSchema = inSchema || isSchema(same);
      const fault =
        below.length > 0 ? this.#faultOfFields(this.#fieldsOf(below), depth + 1, isBelowSchema) : null;
      if (fault) return fault;
      if (this.#fields > FIELDS_MAX) {
        const message = `An operation may have at most ${FIELDS_MAX} fields, those of fragments included. Split it into several operations.`;
        return limitError(message, 'FIELDS_MAX', FIELDS_MAX);
      }
    }
    return null;
  }

  /** The fields of these selections, by their names in the answer. */
  #fieldsOf(sets: readonly SelectionSetNode[]): Fields {
    const fields = new Map<string, FieldNode[]>();
    const spread = new Set<string>();
    const waiting = [...sets];
    for (let set = waiting.pop(); set; set = waiting.pop()) {
      for (const selection of set.selections) {
        if (selection.kind === Kind.FIELD) {
          this.#fields += 1;
          const name = (selection.alias ?? selection.name).value;
          const same = fields.get(name);
          if (same) same.push(selection);
          else fields.set(name, [selection]);
        } else if (selection.kind === Kind.INLINE_FRAGMENT) {
          waiting.push(selection.selectionSet);
        } else if (!spread.has(selection.name.value)) {
          spread.add(selection.name.value);
          this.#reached.add(selection.name.value);
          const fragment = this.#fragments.get(selection.name.value);
          if (fragment) waiting.push(fragment.selectionSet);
        }
      }
    }
    return fields;
  }
}
