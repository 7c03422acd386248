import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { graphiqlBundle } from './graphiql/bundle.ts';

const SERVICE = process.env.READOUT_ORIGIN ?? 'http://127.0.0.1:4000';

/** Smaller files gain nothing. */
const COMPRESSED_BYTES_MIN = 600;

/** For larger files, the best compression takes seconds and gains a few percent. */
const BEST_COMPRESSION_BYTES_MAX = 262_144;
const FAST_BROTLI_QUALITY = 6;
/** Formats that are compressed already. */
const COMPRESSED_FORMAT = /\.(woff2?|png)$/;

/** Writes a compressed copy beside each file, so that the service compresses nothing. */
function precompress(): Plugin {
  const compress = async (file: string): Promise<void> => {
    const content = await readFile(file);
    if (content.length < COMPRESSED_BYTES_MIN || COMPRESSED_FORMAT.test(file)) return;
    const quality =
      content.length > BEST_COMPRESSION_BYTES_MAX ? FAST_BROTLI_QUALITY : constants.BROTLI_MAX_QUALITY;
    const params = { [constants.BROTLI_PARAM_QUALITY]: quality };
    await Promise.all([
      promisify(brotliCompress)(content, { params }).then((bytes) => writeFile(`${file}.br`, bytes)),
      promisify(gzip)(content, { level: 9 }).then((bytes) => writeFile(`${file}.gz`, bytes)),
    ]);
  };
  return {
    name: 'precompress',
    apply: 'build',
    async writeBundle({ dir = '' }, bundle) {
      await Promise.all(Object.keys(bundle).map((name) => compress(join(dir, name))));
    },
  };
}

const fileOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Builds the reader page and GraphiQL into dist/web; `vite --config src/web/vite.config.ts` serves it for development. */
export default defineConfig({
  root: fileOf('.'),
  plugins: [react(), graphiqlBundle(), precompress()],
  build: {
    outDir: fileOf('../../dist/web'),
    rolldownOptions: {
      input: [fileOf('index.html'), fileOf('graphiql/index.html')],
      checks: { pluginTimings: false },
    },
    emptyOutDir: true,
    target: 'es2022',
    // The content security policy allows no `data:`, so that every asset is a file of its own.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // GraphiQL is a ready-made script.
    chunkSizeWarningLimit: 6_000,
  },
  server: {
    proxy: {
      '/graphql': { target: SERVICE, ws: true },
      '/live': SERVICE,
      '/schema.graphql': SERVICE,
    },
  },
});
