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
    // Longer than several waits of a test (`test/support/until.ts`), so that a failure names what did not come.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 120_000 } },
    // The modules are loaded once for each of the processes instead of once for each file, which would take as long as the tests.
    isolate: false,
    // More than the two cores of a small machine, because many tests wait.
    maxWorkers: 3,
  },
});
