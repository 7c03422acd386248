import { parseArgs } from 'node:util';
import { openDatabase } from '../src/db/client.ts';
import { migrate } from '../src/db/migrate.ts';
import type { ItemSource } from '../src/import/item.ts';
import { jsonlLine, readJsonl } from '../src/import/read/jsonl.ts';
import { runImport } from '../src/import/write/engine.ts';
import { cpuMs, writeResults } from './measure.ts';
import { withTemporaryServer } from './temporaryServer.ts';
import { makeInput, makeLeanInput, makeNouns } from './writes/inputs.ts';
import { findPostmaster, postgresCpuMs } from './writes/postgresCpu.ts';

/*
 * Imports of Readout JSONL into an empty embedded database, in this process: statements a second, and the CPU time of this process and of
 * PostgreSQL for each statement. A second import of the same lines shows what it costs to find them unchanged.
 */
const { values: options } = parseArgs({ options: { statements: { type: 'string', default: '50000' } } });
const STATEMENTS = Number(options.statements);
const PIECE_LENGTH = 65_536;

async function* piecesOf(lines: readonly string[]): AsyncGenerator<Uint8Array> {
  let piece = '';
  for (const line of lines) {
    piece += line;
    if (piece.length < PIECE_LENGTH) continue;
    yield Buffer.from(piece);
    piece = '';
  }
  yield Buffer.from(piece);
}

await withTemporaryServer('imports', async (serverUrl) => {
  const rows: Record<string, string | number>[] = [];
  const workloads = [
    ['plain statements', makeLeanInput],
    ['statements with topic, event, hop and anchor', makeInput],
  ] as const;
  for (const [name, make] of workloads) {
    const server = openDatabase({ url: serverUrl, poolMax: 1, statementTimeoutMs: 20_000 });
    const database = `imports_${rows.length}`;
    await server.pool.query(`CREATE DATABASE ${database}`);
    await server.close();
    const url = new URL(serverUrl);
    url.pathname = `/${database}`;
    await migrate(url.href);
    const db = openDatabase({ url: url.href, poolMax: 4, statementTimeoutMs: 20_000 });
    const postmaster = await findPostmaster(db);
    const lines = Array.from({ length: STATEMENTS }, (_, n) => `${JSON.stringify({ statement: make(n) })}\n`);
    const items = (given: readonly string[]): ItemSource => readJsonl(piecesOf(given), { file: 'bench' });
    await runImport(db.prisma, items(makeNouns().map((item) => jsonlLine(item))), { by: 'bench' });
    for (const run of ['first', 'again']) {
      const startMs = performance.now();
      const before = [await cpuMs(process.pid), await postgresCpuMs(postmaster)] as const;
      const { refused } = await runImport(db.prisma, items(lines), { by: 'bench' });
      if (refused > 0) throw new Error(`${refused} rows were refused`);
      const [own, postgres] = [
        (await cpuMs(process.pid)) - before[0],
        (await postgresCpuMs(postmaster)) - before[1],
      ];
      rows.push({
        import: run === 'first' ? name : `${name}, again`,
        'a second': Math.round((STATEMENTS * 1_000) / (performance.now() - startMs)),
        'CPU ms each': (own / STATEMENTS).toFixed(3),
        'CPU ms of PostgreSQL': (postgres / STATEMENTS).toFixed(3),
      });
    }
    await db.close();
  }
  console.table(rows);
  await writeResults('imports', rows);
});
