import { createRequire } from 'node:module';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Vite would take the package's `module` entry where Node takes `main`: two copies of its classes in one process.
  resolve: { alias: [{ find: /^graphql$/, replacement: createRequire(import.meta.url).resolve('graphql') }] },
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    exclude: ['test/browser/**'],
    globalSetup: ['test/support/globalSetup.ts'],
    // Longer than any wait in a test (`test/support/until.ts`), so that a failure names what did not come.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 120_000 } },
    // More than the two cores of a small machine, because many tests wait.
    maxWorkers: 3,
  },
});
