import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type FieldNode,
  GraphQLScalarType,
  GraphQLSchema,
  getOperationAST,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionNode,
  type VariableDefinitionNode,
} from 'graphql';
import { type CompiledQuery, type CompilerOptions, compileQuery, isCompiledQuery } from 'graphql-jit';
import { CountedCache } from '../../base/countedCache.ts';
import { inSteps, nextTurn } from '../../base/steps.ts';
import { documentBytes } from './documents.ts';
import { checkVariables, hasLongList } from './variables.ts';

/** Selections of a query that is compiled, with its fragments expanded. The time to compile grows with their number. */
const COMPILED_SELECTIONS_MAX = 200;

/** Bytes of programs with their documents that one `Execution` caches. The least recently used are evicted first. */
const PROGRAMS_BYTES_MAX = 12 * 1_048_576;
const PROGRAM_BYTES = 8_192;
const PROGRAM_SELECTION_BYTES = 1_024;

/** The types of the resolvers guarantee the values of built-in scalars and enums. Null is still checked. */
const COMPILER: Partial<CompilerOptions> = {
  disableLeafSerialization: true,
  disablingCapturingStackErrors: true,
};

type Result = ExecutionResult | Promise<ExecutionResult>;

/** A query, compiled. */
interface Program {
  readonly run: CompiledQuery['query'];
  readonly variables: readonly VariableDefinitionNode[];
  /** Nullable variables with a default: they are valid in non-null positions, yet null when the client sends null. */
  readonly nullable: readonly string[];
  /** About the bytes that it takes in memory. */
  readonly bytes: number;
}

/** Bytes of the programs of a document, and of the document, which they reference. */
function bytesOf(programs: ReadonlyMap<string, Program | null>, document: DocumentNode): number {
  let bytes = documentBytes(document);
  for (const program of programs.values()) bytes += program?.bytes ?? 0;
  return bytes;
}

/**
 * The type of all variables in compiled programs. graphql-js coerces their values before. A program that coerced them itself
 * would grow without bound for a recursive input type such as a filter.
 */
const CHECKED = new GraphQLScalarType({ name: 'CheckedValue' });

/**
 * Executes operations with graphql-js, and repeated queries with a program that graphql-jit compiles from their document.
 */
export class Execution {
  /** Programs by document and operation name; null for an operation that graphql-js executes. */
  readonly programs = new CountedCache<DocumentNode, ReadonlyMap<string, Program | null>>({
    maxSize: PROGRAMS_BYTES_MAX,
    sizeCalculation: bytesOf,
  });
  readonly schema: GraphQLSchema;
  /** The schema with the type of checked values. */
  readonly #compilable: GraphQLSchema;
  /** Programs that were compiled so far. */
  compiled = 0;

  constructor(schema: GraphQLSchema) {
    this.schema = schema;
    const config = schema.toConfig();
    this.#compilable = new GraphQLSchema({ ...config, types: [...config.types, CHECKED], assumeValid: true });
  }

  run(args: ExecutionArgs): Result {
    if (hasLongList(args.variableValues ?? {})) {
      const operation = getOperationAST(args.document, args.operationName);
      if (operation?.operation === OperationTypeNode.MUTATION) return this.#runInSteps(args, operation);
    }
    const program = this.#programOf(args);
    if (!program) return execute(args) as Result;
    const values = args.variableValues ?? {};
    const { coerced, errors } = getVariableValues(this.schema, program.variables, values, { maxErrors: 0 });
    if (errors || program.nullable.some((name) => coerced[name] === null)) return execute(args) as Result;
    const result = program.run(args.rootValue, args.contextValue, coerced) as Result;
    return result instanceof Promise ? result.then((after) => checked(after, args)) : checked(result, args);
  }

  /** Checks the variables in steps, and then executes the operation with variables whose values are not checked again. */
  async #runInSteps(args: ExecutionArgs, operation: OperationDefinitionNode): Promise<ExecutionResult> {
    const { document, variableValues } = args;
    const { variableDefinitions = [] } = operation;
    await nextTurn(); // the request has been measured and charged in this turn
    const steps = checkVariables(this.schema, variableDefinitions, variableValues ?? {});
    const checked = await inSteps(steps);
    if (checked.errors) return { errors: checked.errors };
    return execute({
      ...args,
      schema: this.#compilable,
      document: withCheckedValues(document, operation),
      variableValues: checked.coerced,
    });
  }

  #programOf({ document, operationName }: ExecutionArgs): Program | null {
    const programs = this.programs.get(document);
    if (!programs) {
      this.programs.set(document, new Map()); // a query is compiled when it is sent again; most that are written by hand are sent once
      return null;
    }
    const name = operationName ?? '';
    const known = programs.get(name);
    if (known !== undefined) return known;
    const operation = getOperationAST(document, operationName);
    if (!operation) return null;
    const selections = countSelections(document, operation);
    const made = selections === null ? null : this.#compile(document, operation, selections);
    this.programs.set(document, new Map(programs).set(name, made)); // a new map, so that the cache measures it again
    return made;
  }

  #compile(document: DocumentNode, operation: OperationDefinitionNode, selections: number): Program | null {
    const variables = operation.variableDefinitions ?? [];
    const made = compileQuery(
      this.#compilable,
      withCheckedValues(document, operation),
      operation.name?.value,
      COMPILER,
    );
    if (!isCompiledQuery(made)) return null;
    this.compiled += 1;
    const nullable = variables
      .filter(({ type, defaultValue }) => defaultValue && type.kind !== Kind.NON_NULL_TYPE)
      .map(({ variable }) => variable.name.value);
    const bytes = PROGRAM_BYTES + PROGRAM_SELECTION_BYTES * selections;
    return { run: made.query, variables, nullable, bytes };
  }
}

/** The document with an operation whose variables have checked values. */
function withCheckedValues(document: DocumentNode, operation: OperationDefinitionNode): DocumentNode {
  const variableDefinitions = operation.variableDefinitions?.map(withCheckedValue);
  const definitions = document.definitions.map((node) =>
    node === operation ? { ...operation, variableDefinitions } : node,
  );
  return { ...document, definitions };
}

function withCheckedValue({ kind, variable }: VariableDefinitionNode): VariableDefinitionNode {
  return {
    kind,
    variable,
    type: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: CHECKED.name } },
  };
}

/** Where a program has an error, graphql-js executes the query again, so that the error has its words. The rows are loaded already. */
function checked(result: ExecutionResult, args: ExecutionArgs): Result {
  return result.errors ? (execute(args) as Result) : result;
}

/**
 * Number of selections of a query of moderate size, with its fragments expanded; null for other operations, and for queries
 * that compiled programs handle incorrectly or that make them large.
 */
function countSelections(document: DocumentNode, operation: OperationDefinitionNode): number | null {
  if (operation.operation === OperationTypeNode.MUTATION) return null;
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
    if (count > COMPILED_SELECTIONS_MAX || node.directives?.length) return null;
    if (node.kind === Kind.FRAGMENT_SPREAD) waiting.push(...(fragments.get(node.name.value) ?? []));
    else if (node.kind === Kind.FIELD && isUnfit(node)) return null;
    else waiting.push(...(node.selectionSet?.selections ?? []));
  }
  return count;
}

/** Whether a program would execute a field incorrectly. Introspection would describe the schema that it was compiled with. */
function isUnfit({ name, alias }: FieldNode): boolean {
  return alias?.value === '__proto__' || name.value === '__schema' || name.value === '__type';
}
