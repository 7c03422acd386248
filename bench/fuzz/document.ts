import {
  type GraphQLArgument,
  type GraphQLInputType,
  GraphQLNonNull,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import type { Chance } from './chance.ts';

const DEPTH_MAX = 6;
const FIELDS_MAX = 60;

/** Texts that have found faults in other services, and some that fit. */
const TEXTS = [
  'france',
  'emmanuel-macron',
  'call-2025-07-01',
  'ceasefire',
  '2025-07-01',
  '2025-07',
  '0',
  '',
  ' ',
  '\u0000',
  '\ud800',
  '🙂',
  '%',
  "'",
  '"',
  '\\',
  'a b OR c -d "e',
  '../..',
  '-1',
  'U3RhdGVtZW50OjE=',
  'WyJTQUlEX09OX0RFU0MiLCIyMDI1LTA3LTAxIiwxXQ',
  'x'.repeat(300),
  '((((((((((',
  '<->',
  '__proto__',
];
const NUMBERS = [
  '0',
  '1',
  '2',
  '20',
  '100',
  '101',
  '-1',
  '2147483647',
  '2147483648',
  '1e9',
  '1.5',
  '99999999999999999999',
];

/** Operations made from the schema: most of them valid, some nearly, some absurd. */
export class DocumentMaker {
  readonly #schema: GraphQLSchema;
  readonly #chance: Chance;
  #fields = 0;
  #fragments: string[] = [];

  constructor(schema: GraphQLSchema, chance: Chance) {
    this.#schema = schema;
    this.#chance = chance;
  }

  operation(kind: 'query' | 'mutation' | 'subscription'): string {
    const type = {
      query: this.#schema.getQueryType(),
      mutation: this.#schema.getMutationType(),
      subscription: this.#schema.getSubscriptionType(),
    }[kind];
    if (!type) throw new Error(`the schema has no ${kind}`);
    this.#fields = 0;
    this.#fragments = [];
    const selection = this.#selection(type, kind === 'subscription' ? 1 : 3, 0);
    const text = `${kind} ${selection} ${this.#fragments.join(' ')}`;
    if (this.#chance.percent(25)) return this.#spoil(text);
    return this.#chance.percent(5) ? this.#absurd() : text;
  }

  #selection(type: GraphQLObjectType, fieldsMax: number, depth: number): string {
    const fields = Object.values(type.getFields());
    const leaves = fields.filter(({ type: of }) => !isCompositeType(getNamedType(of)));
    const choice = depth >= DEPTH_MAX || this.#fields > FIELDS_MAX ? leaves : fields;
    if (choice.length === 0) return '{ __typename }';
    const parts = this.#chance.times(1 + this.#chance.below(fieldsMax), () => {
      this.#fields += 1;
      const field = this.#chance.of(choice);
      // With other arguments the same name would be a conflict, so each has a name of its own.
      const alias = field.args.length > 0 ? `f${this.#fields}: ` : '';
      const directive = this.#chance.percent(3) ? ` @${this.#chance.of(['skip', 'include'])}(if: true)` : '';
      return `${alias}${field.name}${this.#arguments(field.args)}${directive}${this.#below(field.type, depth)}`;
    });
    if (this.#chance.percent(5) && depth > 0) {
      const name = `F${this.#fragments.length}`;
      this.#fragments.push(''); // its place, since what is below may have fragments too
      this.#fragments[Number(name.slice(1))] = `fragment ${name} on ${type.name} { ${parts.join(' ')} }`;
      return `{ ...${name} __typename }`;
    }
    return `{ ${parts.join(' ')} }`;
  }

  #below(type: GraphQLOutputType, depth: number): string {
    const named = getNamedType(type);
    if (!isCompositeType(named)) return '';
    if (isObjectType(named)) return ` ${this.#selection(named, 5, depth + 1)}`;
    if (!isAbstractType(named)) return ' { __typename }';
    const possible = this.#chance.of(this.#schema.getPossibleTypes(named));
    return ` { __typename ... on ${possible.name} ${this.#selection(possible, 4, depth + 1)} }`;
  }

  #arguments(args: readonly GraphQLArgument[]): string {
    if (args.some(({ name, type }) => name === 'slug' && !isNonNullType(type)) && this.#chance.percent(90)) {
      // A look-up takes exactly one of its arguments.
      const { name, type } = this.#chance.of(args);
      return `(${name}: ${this.#value(new GraphQLNonNull(type), name, 0)})`;
    }
    const given = args.filter((arg) => isNonNullType(arg.type) || this.#chance.percent(25));
    if (given.length === 0) return '';
    return `(${given.map((arg) => `${arg.name}: ${this.#value(arg.type, arg.name, 0)}`).join(', ')})`;
  }

  #value(type: GraphQLInputType, name: string, depth: number): string {
    if (isNonNullType(type)) return this.#value(type.ofType, name, depth);
    if (this.#chance.percent(3)) return 'null';
    if (this.#chance.percent(2)) return this.#chance.of(['{}', '[]', '7', '"x"', 'ENUM', 'true', '$v']);
    if (isListType(type)) {
      const length = this.#chance.percent(1) ? 600 : this.#chance.below(4);
      return `[${this.#chance.times(length, () => this.#value(type.ofType, name, depth)).join(', ')}]`;
    }
    if (isEnumType(type)) return this.#chance.of(type.getValues()).name;
    if (isInputObjectType(type)) return this.#inputObject(Object.values(type.getFields()), depth);
    if (type.name === 'Boolean') return this.#chance.of(['true', 'false']);
    if (type.name === 'Int') {
      // Sizes that are allowed, mostly: a page that is refused says nothing of what is in it.
      const isSize = (name === 'first' || name === 'last') && this.#chance.percent(80);
      return isSize ? String(this.#chance.below(21)) : this.#chance.of(NUMBERS);
    }
    return JSON.stringify(this.#chance.of(TEXTS));
  }

  #inputObject(fields: readonly { name: string; type: GraphQLInputType }[], depth: number): string {
    const given = fields.filter(({ type }) => isNonNullType(type) || (depth < 4 && this.#chance.percent(20)));
    return `{ ${given.map(({ name, type }) => `${name}: ${this.#value(type, name, depth + 1)}`).join(', ')} }`;
  }

  /** Nearly what it was: tokens are lost, doubled, exchanged, or become something else. */
  #spoil(text: string): string {
    const tokens = text.split(/(?<=[\s{}()[\]:,])/);
    for (let i = this.#chance.below(4); i >= 0; i -= 1) {
      const at = this.#chance.below(tokens.length);
      const other = this.#chance.below(tokens.length);
      const change = this.#chance.below(4);
      if (change === 0) tokens.splice(at, 1);
      else if (change === 1) tokens.splice(at, 0, tokens[other] ?? '');
      else if (change === 2) [tokens[at], tokens[other]] = [tokens[other] ?? '', tokens[at] ?? ''];
      else
        tokens[at] = this.#chance.of(['{', '}', '...', '$', '"""', '@', '\u0000', '#', '\ufeff', 'on', '🙂']);
    }
    return tokens.join('');
  }

  #absurd(): string {
    const many = (count: number, make: (i: number) => string): string =>
      this.#chance.times(count, make).join(' ');
    return this.#chance.of([
      () => `{ ${many(200, (i) => `a${i}: __typename`)} }`,
      () => `{ ${'topic(slug: "x") { parent '.repeat(1)}${'{ parent '.repeat(40)}{ id }${' }'.repeat(41)} }`,
      () => `{ record { ${many(400, () => 'position')} } }`,
      () => `{ __typename ${many(200, () => '@skip(if: false)')} }`,
      () => '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
      () =>
        `{ ...F0 } ${many(30, (i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`)} fragment F30 on Query { __typename }`,
      () => '{ __schema { types { fields { type { fields { type { fields { type { name } } } } } } } } }',
      () => `{ nodes(ids: [${many(400, () => '"U3RhdGVtZW50OjE="')}]) { id } }`,
      () => '['.repeat(3_000),
      () => `{ statements(filter: ${'{ not: '.repeat(50)}{}${' }'.repeat(50)}) { totalCount } }`,
      () => `"${'x'.repeat(100_000)}"`,
      () =>
        '{ statements(first: 100) { nodes { speakers { statements(first: 100) { nodes { speakers { statements(first: 100) { nodes { id } } } } } } } } }',
    ])();
  }
}
