import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const SERVICE = process.env.READOUT_ORIGIN ?? 'http://127.0.0.1:4000';

/** Builds the reader page into dist/web; `vite --config src/web/vite.config.ts` serves it for development. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react()],
  build: {
    outDir: fileURLToPath(new URL('../../dist/web', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    // The content security policy allows no `data:`, so that every asset is a file of its own.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: {
      '/graphql': { target: SERVICE, ws: true },
      '/live': SERVICE,
      '/schema.graphql': SERVICE,
    },
  },
});
