import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
} from 'graphql';

/** Fields right below the operation. @limit fields */
export const ROOT_FIELDS_MAX = 30;
/** Fields of an operation, its fragments written out. @limit fields */
export const FIELDS_MAX = 5_000;
/**
 * How often one field of the answer is asked for, in fragments or not. More has no use, and checking for conflicts takes
 * long.
 * @limit times
 */
export const SAME_FIELD_MAX = 15;

/** An operation that asks for more than is allowed; refused before anything of it runs. */
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

/** Looks at operations as they are executed: fragments written out, and what has the same name in one. */
export class DocumentShape {
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #depthMax: number;
  /** Fragments that operations lead to. */
  readonly #reached = new Set<string>();
  #fields = 0;

  constructor(document: DocumentNode, depthMax: number) {
    this.#depthMax = depthMax;
    this.#fragments = new Map(
      document.definitions.flatMap((node) =>
        node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [],
      ),
    );
  }

  faultOf(set: SelectionSetNode): GraphQLError | null {
    this.#fields = 0;
    const fields = this.#fieldsOf([set]);
    const count = [...fields.values()].reduce((sum, same) => sum + same.length, 0);
    if (count > ROOT_FIELDS_MAX) {
      const message = `An operation may ask for at most ${ROOT_FIELDS_MAX} things at its root, and asks for ${count}. Ask in several operations.`;
      return limitError(message, 'ROOT_FIELDS_MAX', ROOT_FIELDS_MAX, count);
    }
    return this.#faultOfFields(fields, 1);
  }

  /** Fragments that nothing leads to make a document invalid, and finding out what else is wrong in them takes as long. */
  faultOfUnused(): GraphQLError | null {
    this.#fields = 0;
    for (const [name, { selectionSet }] of this.#fragments) {
      if (this.#reached.has(name)) continue;
      const fault = this.#faultOfFields(this.#fieldsOf([selectionSet]), 1);
      if (fault) return fault;
    }
    return null;
  }

  #faultOfFields(fields: ReadonlyMap<string, readonly FieldNode[]>, depth: number): GraphQLError | null {
    if (depth > this.#depthMax) {
      const message = `An operation may be at most ${this.#depthMax} levels deep. Ask for less at once.`;
      return limitError(message, 'DEPTH_MAX', this.#depthMax);
    }
    for (const [name, same] of fields) {
      if (same.length > SAME_FIELD_MAX) {
        const message = `An operation may ask for the same field at most ${SAME_FIELD_MAX} times, and asks for “${name}” ${same.length} times. Once is enough.`;
        return limitError(message, 'SAME_FIELD_MAX', SAME_FIELD_MAX, same.length);
      }
      const below = same.flatMap(({ selectionSet }) => selectionSet ?? []);
      const fault = below.length > 0 ? this.#faultOfFields(this.#fieldsOf(below), depth + 1) : null;
      if (fault) return fault;
      if (this.#fields > FIELDS_MAX) {
        const message = `An operation may have at most ${FIELDS_MAX} fields, those of fragments included. Ask in several operations.`;
        return limitError(message, 'FIELDS_MAX', FIELDS_MAX);
      }
    }
    return null;
  }

  /** The fields that these selections ask for, by their names in the answer. */
  #fieldsOf(sets: readonly SelectionSetNode[]): Map<string, FieldNode[]> {
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
