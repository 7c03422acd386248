import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { type GraphQLSchema, type IntrospectionQuery, introspectionFromSchema } from 'graphql';

/** A response to `GET`: the bytes and the headers that describe them. */
export interface Asset {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** The paths that the page refers to. Each holds a digest of its content, so it can be cached for good. */
export interface AssetPaths {
  readonly script: string;
  readonly style: string;
  readonly client: string;
  readonly clientStyle: string;
  readonly icon: string;
  /** The schema as the answer to an introspection query; null where the client is to ask for it itself. */
  readonly schema: string | null;
  /** Scripts of the editor's workers, by the label that the editor asks for. */
  readonly workers: Readonly<Record<string, string>>;
}

export interface AssetStore {
  readonly paths: AssetPaths;
  /** The file at this path, in the best encoding that `acceptEncoding` allows; null where there is no such file. */
  read(path: string, acceptEncoding: string): Promise<Asset | null>;
}

type Encoding = 'br' | 'gzip';

interface File {
  readonly type: string;
  readonly content: Buffer;
  /** The content in each encoding that was asked for so far. */
  readonly encoded: Map<Encoding, Promise<Buffer>>;
}

const encoders: Record<Encoding, (content: Buffer) => Promise<Buffer>> = {
  // Quality 5 makes the five megabytes of script 1.3 MB in a quarter of a second; 11 saves a tenth for 11 seconds.
  br: (content) =>
    promisify(brotliCompress)(content, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: 5,
        [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
      },
    }),
  gzip: promisify<Buffer, Buffer>(gzip),
};

// The compiler leaves these files where they are, so from `dist` too they are read from `src`.
const folder = new URL('../../../src/http/graphiql/', import.meta.url);

const fontUrl = /url\(data:font\/(\w+);base64,([A-Za-z0-9+/=]+)\)/g;

/**
 * Takes GraphiQL apart into files below `prefix`. Its package is one module of 9 MB: importing it takes some 0.15 s
 * and 50 MB, so this is for the first request and not for the start. A file is compressed when it is first asked
 * for, on zlib's own threads, and kept.
 */
export async function loadAssets(prefix: string, schema?: GraphQLSchema): Promise<AssetStore> {
  const bundle = await import('@graphql-yoga/render-graphiql/graphiql');
  const files = new Map<string, File>();

  function add(extension: string, type: string, data: Buffer | string): string {
    const content = Buffer.from(data);
    const digest = createHash('sha256').update(content).digest('hex').slice(0, 20);
    const path = `${prefix}${digest}.${extension}`;
    files.set(path, { type, content, encoded: new Map() });
    return path;
  }

  const script = 'text/javascript; charset=utf-8';
  const style = 'text/css; charset=utf-8';
  // The fonts are most of the style sheet, and a page needs few of them: as files, only those are fetched.
  const css = bundle.css.replace(
    fontUrl,
    (_url, format: string, base64: string) =>
      `url(${add(format, `font/${format}`, Buffer.from(base64, 'base64'))})`,
  );
  const paths: AssetPaths = {
    script: add('js', script, bundle.js),
    style: add('css', style, css),
    client: add('js', script, readFileSync(new URL('client.js', folder))),
    clientStyle: add('css', style, readFileSync(new URL('client.css', folder))),
    icon: add('svg', 'image/svg+xml', readFileSync(new URL('icon.svg', folder))),
    schema: schema ? add('json', 'application/json', JSON.stringify(introspect(schema))) : null,
    workers: {
      editorWorkerService: add('js', script, bundle.editorWorkerService),
      json: add('js', script, bundle.jsonWorker),
      graphql: add('js', script, bundle.graphqlWorker),
    },
  };

  return {
    paths,
    async read(path, acceptEncoding) {
      const file = files.get(path);
      if (!file) return null;
      const encoding = isCompressed(file) ? null : chooseEncoding(acceptEncoding);
      const body = encoding ? await encode(file, encoding) : file.content;
      return {
        body,
        headers: {
          'content-type': file.type,
          'content-length': String(body.length),
          ...(encoding ? { 'content-encoding': encoding } : {}),
          vary: 'accept-encoding',
          'cache-control': 'public, max-age=31536000, immutable',
          'x-content-type-options': 'nosniff',
        },
      };
    },
  };
}

function introspect(schema: GraphQLSchema): IntrospectionQuery {
  return introspectionFromSchema(schema, { schemaDescription: true, inputValueDeprecation: true });
}

/** The content in this encoding. Requests that come while it is being made share the work. */
function encode(file: File, encoding: Encoding): Promise<Buffer> {
  let encoded = file.encoded.get(encoding);
  if (!encoded) {
    encoded = encoders[encoding](file.content);
    file.encoded.set(encoding, encoded);
  }
  return encoded;
}

function isCompressed(file: File): boolean {
  return file.type.startsWith('font/woff');
}

/** Brotli, gzip or nothing, in this order, as far as the header of RFC 9110, section 12.5.3 allows. */
function chooseEncoding(acceptEncoding: string): Encoding | null {
  const weights = new Map<string, number>();
  for (const part of acceptEncoding.toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';').map((piece) => piece.trim());
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    weights.set(name, weight ? Number(weight.slice(2)) : 1);
  }
  const accepted = (name: Encoding) => (weights.get(name) ?? weights.get('*') ?? 0) > 0;
  if (accepted('br')) return 'br';
  return accepted('gzip') ? 'gzip' : null;
}
