import type { TestGraphql, Variables } from './graphql.ts';

/** A page of a connection as these tests ask for it. */
export interface Page<Node = { slug: string }> {
  readonly nodes: readonly Node[];
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

export const PAGE_FIELDS =
  'nodes { slug } edges { cursor node { slug } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';

export interface PageArguments {
  readonly first?: number;
  readonly after?: string | null;
  readonly last?: number;
  readonly before?: string | null;
}

/** Reads one page of a list. */
export type ReadPage = (page: PageArguments) => Promise<Page>;

/** A list by an operation with the variables of a page; `pageOf` finds the list in the data. */
export function pageReader<Data>(
  graphql: TestGraphql,
  query: string,
  pageOf: (data: Data) => Page,
  variables: Variables = {},
): ReadPage {
  return async (page) => pageOf(await graphql.data<Data>(query, { ...variables, ...page }));
}

/** Reads a list to its end in pages of `size`, forward or backward, and answers its slugs in order. */
export async function walk(
  read: ReadPage,
  size: number,
  direction: 'forward' | 'backward',
): Promise<string[]> {
  const slugs: string[] = [];
  let cursor: string | null = null;
  for (;;) {
    const page: Page =
      direction === 'forward'
        ? await read({ first: size, after: cursor })
        : await read({ last: size, before: cursor });
    const found = page.nodes.map(({ slug }) => slug);
    if (direction === 'forward') slugs.push(...found);
    else slugs.unshift(...found);
    const more = direction === 'forward' ? page.pageInfo.hasNextPage : page.pageInfo.hasPreviousPage;
    if (!more) return slugs;
    cursor = direction === 'forward' ? page.pageInfo.endCursor : page.pageInfo.startCursor;
  }
}
