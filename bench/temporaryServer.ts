import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedServer } from '../src/db/embedded/server.ts';

/** Runs a benchmark on an embedded PostgreSQL of its own, whose data is deleted afterwards. */
export async function withTemporaryServer(name: string, run: (url: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), `readout-${name}-`));
  const server = await startEmbeddedServer({ dataDir: join(directory, 'data'), onNotice: console.log });
  try {
    await run(server.url);
  } finally {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  }
}
