import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { buildSchema, Kind, parse, print, separateOperations, validate } from 'graphql';
import { describe, expect, test } from 'vitest';
import { examples } from '../../../src/http/graphiql/examples/examples.ts';
import { createGraphiql, type GraphiqlOptions } from '../../../src/http/graphiql/graphiql.ts';
import { schema } from '../../../src/schema/schema.ts';
import { useSeededRecord } from '../../support/seeded.ts';

interface Config {
  endpoint: string;
  workers: Record<string, string>;
  schema: string | null;
  tabs: { name: string; query: string; variables: string; needsToken: boolean }[];
}

/** What the examples ask, one operation each. */
const QUERIES = examples.flatMap(({ query, variables = '{}' }) =>
  Object.entries(separateOperations(parse(query)))
    .filter(([, document]) => print(document).startsWith('query'))
    .map(([name, document]) => ({ name, query: print(document), variables: JSON.parse(variables) })),
);

const record = useSeededRecord();
const plain = graphiql();

function graphiql(options: Partial<GraphiqlOptions> = {}) {
  return createGraphiql({ endpoint: '/graphql', subscriptions: true, examples, ...options });
}

function configOf(page: string): Config {
  const json = page.match(/<script type="application\/json" id="readout-config">(.*?)<\/script>/s)?.[1];
  return JSON.parse(json ?? 'null');
}

function assetPaths(text: string): string[] {
  return [...new Set(text.match(/\/graphql\/assets\/[\w.]+/g))];
}

describe('the page', () => {
  test('refers to no other host', async () => {
    const page = await plain.render();
    expect(page).not.toMatch(/(?:src|href|action)="(?:[a-z]+:)?\/\//i);
    expect(page).not.toMatch(/https?:/);
  });

  test('has no script of its own besides the JSON settings, and no inline style or handler', async () => {
    const page = await plain.render();
    const scripts = page.match(/<script\b[^>]*>/g) ?? [];
    expect(scripts).toHaveLength(3);
    expect(scripts.filter((tag) => !tag.includes(' src="'))).toEqual([
      '<script type="application/json" id="readout-config">',
    ]);
    expect(page).not.toMatch(/<style|\sstyle=|\son\w+=/);
  });

  test('lists every example with a link', async () => {
    const page = await plain.render();
    for (const example of examples) expect(page).toContain(`>${example.title}</a>`);
    expect(page).toContain('href="?examples"');
  });

  test('keeps text of an example from ending the script element', async () => {
    const hostile = { title: '<b>', file: 'x.graphql', query: '# </script><!--\n{ a }', needsToken: false };
    const page = await graphiql({ examples: [hostile], title: '<i>' }).render();
    expect(configOf(page).tabs[0]?.query).toBe(hostile.query);
    expect(page).not.toContain('<b>');
    expect(page).not.toContain('<i>');
  });

  test('is sent under a policy that allows scripts of this origin only', () => {
    expect(plain.contentSecurityPolicy).toContain("default-src 'none'; script-src 'self';");
    expect(plain.contentSecurityPolicy).not.toMatch(/unsafe-eval|blob:|https?:|\*/);
    expect(plain.contentSecurityPolicy.match(/unsafe-inline/g)).toHaveLength(1);
  });
});

describe('a place for a token', () => {
  test('is in the tabs that write, and in no other', async () => {
    const { tabs } = configOf(await plain.render());
    expect(tabs.filter((tab) => tab.needsToken).map((tab) => tab.name)).toEqual([
      'record',
      'revise',
      'retract',
    ]);
  });

  test('is in every tab where reading needs one', async () => {
    const page = await graphiql({ readersNeedToken: true }).render();
    expect(configOf(page).tabs.filter((tab) => !tab.needsToken)).toEqual([]);
    expect(page.match(/needs a token/g)).toHaveLength(examples.length);
  });
});

describe('the assets', () => {
  test('that the page and its style sheets refer to are all served', async () => {
    const paths = assetPaths(await plain.render());
    expect(paths.length).toBeGreaterThan(7);
    for (const path of paths) {
      const asset = await plain.asset(path, '');
      expect(asset, path).not.toBeNull();
      if (!asset?.headers['content-type']?.startsWith('text/css')) continue;
      const style = asset.body.toString();
      expect(style).not.toMatch(/url\(["']?(?:https?:)?\/\//);
      expect(style).not.toContain('data:font');
      for (const font of assetPaths(style)) expect(await plain.asset(font, ''), font).not.toBeNull();
    }
  });

  test('are cached for good, with the length and the type that they have', async () => {
    for (const path of assetPaths(await plain.render())) {
      const asset = await plain.asset(path, 'gzip');
      expect(asset?.headers).toMatchObject({
        'cache-control': 'public, max-age=31536000, immutable',
        'content-length': String(asset?.body.length),
        'x-content-type-options': 'nosniff',
        vary: 'accept-encoding',
      });
    }
  });

  test('decode to the same bytes in every encoding', async () => {
    for (const path of assetPaths(await plain.render())) {
      const identity = await plain.asset(path, '');
      const brotli = await plain.asset(path, 'gzip, deflate, br');
      const gzip = await plain.asset(path, 'gzip, br;q=0');
      expect(identity?.headers).not.toHaveProperty('content-encoding');
      expect([brotli?.headers['content-encoding'], gzip?.headers['content-encoding']]).toEqual([
        'br',
        'gzip',
      ]);
      expect(identity?.body.equals(brotliDecompressSync(brotli?.body ?? ''))).toBe(true);
      expect(identity?.body.equals(gunzipSync(gzip?.body ?? ''))).toBe(true);
    }
  });

  test('are compressed once and then kept', async () => {
    const script = configOf(await plain.render()).workers.json ?? '';
    const [first, second] = await Promise.all([plain.asset(script, 'br'), plain.asset(script, 'br')]);
    expect(first?.body).toBe(second?.body);
  });

  test('have paths that stay the same from one service to the next', async () => {
    expect(assetPaths(await graphiql().render())).toEqual(assetPaths(await plain.render()));
  });

  test('are null for paths that are none of them', async () => {
    const [known = ''] = assetPaths(await plain.render());
    for (const path of [
      '',
      '/',
      '/graphql',
      '/graphql/assets/',
      `${known}x`,
      '/graphql/assets/../graphiql.ts',
    ]) {
      expect(await plain.asset(path, 'br'), path).toBeNull();
    }
  });

  test('include the schema where one is given', async () => {
    expect(configOf(await plain.render()).schema).toBeNull();
    const withSchema = graphiql({ schema: buildSchema('type Query { a: Int }') });
    const path = configOf(await withSchema.render()).schema ?? '';
    expect(JSON.parse((await withSchema.asset(path, ''))?.body.toString() ?? '')).toHaveProperty('__schema');
  });
});

describe('the examples', () => {
  test('parse, and begin with a comment that says what to look at', () => {
    for (const { query, file } of examples) {
      expect(parse(query).definitions.length, file).toBeGreaterThan(0);
      expect(query.startsWith('# '), file).toBe(true);
    }
  });

  test('have a named operation first, by which their tabs differ', () => {
    const names = examples.map(({ query }) => {
      const [first] = parse(query).definitions;
      return first?.kind === Kind.OPERATION_DEFINITION ? first.name?.value : undefined;
    });
    expect(names).not.toContain(undefined);
    expect(new Set(names).size).toBe(examples.length);
  });

  test('have variables that are JSON and are declared', () => {
    for (const { query, variables, file } of examples) {
      const declared = parse(query).definitions.flatMap((definition) =>
        definition.kind === Kind.OPERATION_DEFINITION ? (definition.variableDefinitions ?? []) : [],
      );
      const names = declared.map((definition) => definition.variable.name.value);
      expect(Object.keys(JSON.parse(variables ?? '{}')), file).toEqual([...new Set(names)]);
    }
  });

  test('are valid against the schema', () => {
    for (const { query, file } of examples) expect(validate(schema, parse(query)), file).toEqual([]);
  });

  test.each(QUERIES)('have an answer in the seed: $name', async ({ query, variables }) => {
    const answer = JSON.stringify(await record.ask(query, variables));
    expect(answer).not.toMatch(/"totalCount":0|"edges":\[\]|^\{"\w+":null/);
    expect(answer.length).toBeGreaterThan(200);
  });

  test('need a token exactly where they write', () => {
    for (const { query, needsToken, file } of examples)
      expect(/^mutation/m.test(query), file).toBe(needsToken);
  });

  test('that only follow are left out without subscriptions', async () => {
    const names = configOf(await graphiql({ subscriptions: false }).render()).tabs.map((tab) => tab.name);
    expect(names).not.toContain('follow');
    expect(names).toContain('load-then-follow');
  });
});
