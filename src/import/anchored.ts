import { z } from 'zod';
import { ReadoutError } from '../errors.ts';
import { readSeedFiles } from './seed.ts';
import { parseSeedFile } from './seedFile.ts';
import type { AnchoredSource, AnchoredStatement } from './verify.ts';

const PAGE_SIZE = 100;
const REQUEST_TIME_MAX_MS = 10_000;

/**
 * The sources of the seed files with the anchors into them; needs no database.
 * @throws ReadoutError INVALID_INPUT that names every fault of a file.
 */
export async function readSeedSources(): Promise<AnchoredSource[]> {
  const files = (await readSeedFiles()).map(({ name, text }) => parseSeedFile(name, text));
  const statements = files.flatMap((file) => file.statements);
  return files
    .flatMap((file) => file.sources)
    .map(({ slug, input }) => ({
      slug,
      digest: input.digest ?? null,
      length: input.length ?? null,
      statements: statements
        .filter((statement) => statement.input.source === slug)
        .map((statement) => ({ slug: statement.slug, anchors: statement.input.anchors ?? [] })),
    }));
}

const pageInfo = z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() });
const sourceRow = z.object({
  slug: z.string(),
  digest: z.string().nullable(),
  length: z.number().nullable(),
});
const statementRow = z.object({
  slug: z.string(),
  anchors: z.array(
    z.object({ start: z.number(), end: z.number(), digest: z.string(), exact: z.string().nullable() }),
  ),
});
const sourcesAnswer = z.object({ sources: z.object({ pageInfo, nodes: z.array(sourceRow) }) });
const statementsAnswer = z.object({
  source: z.object({ statements: z.object({ pageInfo, nodes: z.array(statementRow) }) }).nullable(),
});

const SOURCES = `query ($after: String) {
  sources(first: ${PAGE_SIZE}, after: $after) { pageInfo { hasNextPage endCursor } nodes { slug digest length } }
}`;
const STATEMENTS = `query ($slug: String!, $after: String) {
  source(slug: $slug) {
    statements(first: ${PAGE_SIZE}, after: $after, orderBy: SAID_ON_ASC) {
      pageInfo { hasNextPage endCursor }
      nodes { slug anchors { start end digest exact } }
    }
  }
}`;

/** A running record, asked over its GraphQL API. */
export class RemoteRecord {
  constructor(
    private readonly endpoint: URL,
    /** For a record that is closed to reading; see READ_ACCESS. */
    private readonly token?: string,
  ) {}

  /** All sources, still without their statements. @throws ReadoutError UNAVAILABLE */
  async sources(): Promise<AnchoredSource[]> {
    const sources: AnchoredSource[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const page: z.output<typeof sourcesAnswer> = await this.#ask(sourcesAnswer, SOURCES, { after });
      sources.push(...page.sources.nodes.map((source) => ({ ...source, statements: [] })));
      ({ endCursor: after, hasNextPage: more } = page.sources.pageInfo);
    }
    return sources;
  }

  /** The source with the anchors of its current statements. @throws ReadoutError UNAVAILABLE */
  async withStatements(source: AnchoredSource): Promise<AnchoredSource> {
    const statements: AnchoredStatement[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const variables = { slug: source.slug, after };
      const page: z.output<typeof statementsAnswer> = await this.#ask(
        statementsAnswer,
        STATEMENTS,
        variables,
      );
      if (!page.source)
        throw new ReadoutError('UNAVAILABLE', `The record no longer has the source ${source.slug}.`);
      statements.push(...page.source.statements.nodes);
      ({ endCursor: after, hasNextPage: more } = page.source.statements.pageInfo);
    }
    return { ...source, statements };
  }

  async #ask<T>(shape: z.ZodType<T>, query: string, variables: Record<string, unknown>): Promise<T> {
    const unavailable = (why: string, cause?: unknown) =>
      new ReadoutError('UNAVAILABLE', `${this.endpoint} can't be asked: ${why}.`, undefined, undefined, {
        cause,
      });
    let body: unknown;
    try {
      const response = await fetch(this.endpoint, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          ...(this.token && { authorization: `Bearer ${this.token}` }),
        },
        body: JSON.stringify({ query, variables }),
        signal: AbortSignal.timeout(REQUEST_TIME_MAX_MS),
      });
      body = await response.json();
    } catch (error) {
      throw unavailable(describe(error), error);
    }
    const faults = z.object({ errors: z.array(z.object({ message: z.string() })).min(1) }).safeParse(body);
    if (faults.success) throw unavailable(faults.data.errors.map(({ message }) => message).join(' '));
    const answer = z.object({ data: shape }).safeParse(body);
    if (!answer.success) throw unavailable('it does not answer as Readout does', answer.error);
    return answer.data.data;
  }
}

/** `fetch` hides the reason ("connect ECONNREFUSED …") in the cause. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
}
