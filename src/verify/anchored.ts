import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { ReadoutError } from '../base/errors.ts';
import { AnchorStatus, ChangeKind } from '../db/generated/enums.ts';
import { parseSeedFile } from '../import/seed/file.ts';
import { readSeedFiles } from '../import/seed/load.ts';
import type { ChainLink } from '../log/chain.ts';
import type { AnchoredSource, AnchoredStatement } from './source.ts';

const PAGE_SIZE = 100;
const REQUEST_MS_MAX = 10_000;
/** Maximum number of attempts of a request whose answers have Retry-After. */
const ATTEMPTS_MAX = 10;

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
    z.object({
      start: z.number().nullable(),
      end: z.number().nullable(),
      digest: z.string().nullable(),
      exact: z.string().nullable(),
      status: z.enum(AnchorStatus),
    }),
  ),
});
const sourcesAnswer = z.object({ sources: z.object({ pageInfo, nodes: z.array(sourceRow) }) });
const statementsAnswer = z.object({
  source: z.object({ statements: z.object({ pageInfo, nodes: z.array(statementRow) }) }).nullable(),
});

const headAnswer = z.object({
  record: z.object({ position: z.string(), digest: z.string(), genesis: z.string() }),
});
const changesAnswer = z.object({
  changes: z.array(
    z.object({
      position: z.string(),
      kind: z.enum(ChangeKind),
      at: z.string(),
      by: z.string(),
      noun: z.string(),
      slug: z.string(),
      contentDigest: z.string().nullable(),
      digest: z.string().nullable(),
    }),
  ),
});

const HEAD = '{ record { position digest genesis } }';
const CHANGES = `query ($after: Position) {
  changes(after: $after, first: ${PAGE_SIZE}) { position kind at by noun slug contentDigest digest }
}`;
const SOURCES = `query ($after: String) {
  sources(first: ${PAGE_SIZE}, after: $after) { pageInfo { hasNextPage endCursor } nodes { slug digest length } }
}`;
const STATEMENTS = `query ($slug: String!, $after: String) {
  source(slug: $slug) {
    statements(first: ${PAGE_SIZE}, after: $after, orderBy: SAID_ON_ASC) {
      pageInfo { hasNextPage endCursor }
      nodes { slug anchors { start end digest exact status } }
    }
  }
}`;

/** A running service, read over its GraphQL API. */
export class RemoteRecord {
  constructor(
    private readonly endpoint: URL,
    /** For a record that needs a token to read; see READ_ACCESS. */
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

  /** The last change of the record. @throws ReadoutError UNAVAILABLE */
  async head(): Promise<{ position: bigint; digest: string; genesis: string }> {
    const { record } = await this.#ask(headAnswer, HEAD, {});
    return { ...record, position: BigInt(record.position) };
  }

  /** A page of changes after a position, oldest first, up to `upTo`. @throws ReadoutError UNAVAILABLE */
  async links(after: bigint, upTo: bigint): Promise<ChainLink[]> {
    const { changes } = await this.#ask(changesAnswer, CHANGES, { after: String(after) });
    return changes.filter(({ position }) => BigInt(position) <= upTo);
  }

  async #ask<T>(shape: z.ZodType<T>, query: string, variables: Record<string, unknown>): Promise<T> {
    const unavailable = (why: string, cause?: unknown) =>
      new ReadoutError('UNAVAILABLE', `${this.endpoint} can’t be read: ${why}.`, undefined, undefined, {
        cause,
      });
    let body: unknown;
    try {
      body = await (await this.#send(JSON.stringify({ query, variables }))).json();
    } catch (error) {
      throw unavailable(describe(error), error);
    }
    const faults = z.object({ errors: z.array(z.object({ message: z.string() })).min(1) }).safeParse(body);
    if (faults.success) throw unavailable(faults.data.errors.map(({ message }) => message).join(' '));
    const answer = z.object({ data: shape }).safeParse(body);
    if (!answer.success) throw unavailable('it does not answer as Readout does', answer.error);
    return answer.data.data;
  }

  /** Sends an operation, and sends it again after Retry-After. */
  async #send(body: string): Promise<Response> {
    for (let attempt = 1; ; attempt += 1) {
      const response = await fetch(this.endpoint, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          'x-readout-cost': '1', // an answer with its cost does not come from the cache
          ...(this.token && { authorization: `Bearer ${this.token}` }),
        },
        body,
        signal: AbortSignal.timeout(REQUEST_MS_MAX),
      });
      const waitSeconds = Number(response.headers.get('retry-after') ?? Number.NaN);
      if (response.ok || Number.isNaN(waitSeconds) || attempt === ATTEMPTS_MAX) return response;
      await response.body?.cancel();
      await sleep(waitSeconds * 1_000);
    }
  }
}

/** `fetch` hides the reason ("connect ECONNREFUSED …") in the cause. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
}
