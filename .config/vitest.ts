import { createRequire } from 'node:module';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that start processes of the service, and others of more than 20 s. */
const SLOW = /test\/(app|bench|cli|workers|db\/embedded|http\/cost\/pricing)\b/;

/** Begins with the slow files, so that none of them is the last one to end. */
class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isSlow = ({ moduleId }: TestSpecification): boolean => SLOW.test(moduleId);
    return [...sorted.filter(isSlow), ...sorted.filter((file) => !isSlow(file))];
  }
}

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
    sequence: { sequencer: SlowFirst },
    // More than the two cores of a small machine, because many tests wait.
    maxWorkers: 3,
  },
});
