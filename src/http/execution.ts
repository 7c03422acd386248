import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isLeafType,
  Kind,
  type NamedTypeNode,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionNode,
  typeFromAST,
} from 'graphql';
import { type CompiledQuery, type CompilerOptions, compileQuery, isCompiledQuery } from 'graphql-jit';

/** Selections of a query that is compiled, with its fragments written out: compiling takes longer the more there are. */
const COMPILED_SELECTIONS_MAX = 200;

/** What resolvers give for built-in scalars and enums is what they are typed to give; where it is null is still looked at. */
const COMPILER: Partial<CompilerOptions> = {
  disableLeafSerialization: true,
  disablingCapturingStackErrors: true,
};

type Result = ExecutionResult | Promise<ExecutionResult>;
/** A query, compiled; null where it is left to graphql-js. */
type Program = CompiledQuery | null;

/**
 * Executes operations: with graphql-js, and queries whose document is asked for again with a program that graphql-jit has
 * compiled of it. Programs live as long as their document: as long as Yoga or the known queries remember it.
 */
export class Execution {
  readonly #programs = new WeakMap<DocumentNode, Map<string, Program>>();
  readonly schema: GraphQLSchema;
  /** Programs made so far. */
  compiled = 0;

  constructor(schema: GraphQLSchema) {
    this.schema = schema;
  }

  run(args: ExecutionArgs): Result {
    const program = this.#programOf(args);
    if (!program) return execute(args) as Result;
    const result = program.query(args.rootValue, args.contextValue, args.variableValues ?? {}) as Result;
    return result instanceof Promise ? result.then((after) => checked(after, args)) : checked(result, args);
  }

  #programOf({ schema, document, operationName }: ExecutionArgs): Program {
    const programs = this.#programs.get(document);
    if (!programs) {
      this.#programs.set(document, new Map()); // most that people write by hand are never sent again
      return null;
    }
    const name = operationName ?? '';
    let program = programs.get(name);
    if (program === undefined) {
      const operation = getOperationAST(document, operationName);
      const made =
        operation &&
        isPlain(document, operation) &&
        takesPlainValues(schema, operation) &&
        compileQuery(schema, document, operation.name?.value, COMPILER);
      program = made && isCompiledQuery(made) ? made : null;
      if (program) this.compiled += 1;
      programs.set(name, program);
    }
    return program;
  }
}

/** Errors are said in the words of graphql-js, however often a query is asked: it reads again what is at hand by then. */
function checked(result: ExecutionResult, args: ExecutionArgs): Result {
  return result.errors ? (execute(args) as Result) : result;
}

/** Whether no variable is an input object: for one that can hold its like, as filters do, a program grows without measure. */
function takesPlainValues(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
): boolean {
  return variableDefinitions.every(({ type }) =>
    isLeafType(getNamedType(typeFromAST(schema, type as NamedTypeNode))),
  );
}

/** Whether an operation only reads and is of moderate size, without what programs get wrong or grow large by. */
function isPlain(document: DocumentNode, operation: OperationDefinitionNode): boolean {
  if (operation.operation === OperationTypeNode.MUTATION) return false;
  const fragments = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION
        ? [[node.name.value, node.selectionSet.selections] as const]
        : [],
    ),
  );
  const waiting: SelectionNode[] = [...operation.selectionSet.selections];
  let count = 0;
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    count += 1;
    if (count > COMPILED_SELECTIONS_MAX || node.directives?.length) return false;
    if (node.kind === Kind.FRAGMENT_SPREAD) waiting.push(...(fragments.get(node.name.value) ?? []));
    else if (node.kind === Kind.FIELD && node.alias?.value === '__proto__') return false;
    else waiting.push(...(node.selectionSet?.selections ?? []));
  }
  return true;
}
