import { parseArgs } from 'node:util';
import { openDatabase, openExportPool } from '../src/db/client.ts';
import { Canceller } from '../src/db/pool/canceller.ts';
import { SqlClock } from '../src/db/pool/sqlClock.ts';
import { contentLines, csvLines } from '../src/export/content.ts';
import { historyLines } from '../src/export/history.ts';
import { type Selection, selectionOf } from '../src/export/selection.ts';
import { RecordSnapshot } from '../src/export/snapshot.ts';
import { Catalog } from '../src/read/memory/catalog.ts';
import { generate } from './generate.ts';
import { cpuMs, writeResults } from './measure.ts';
import { withTemporaryServer } from './temporaryServer.ts';
import { findPostmaster, postgresCpuMs } from './writes/postgresCpu.ts';

/*
 * Exports of a generated record, read as the service reads them and thrown away: lines a second, and the CPU time of this process and of
 * PostgreSQL for each line. The peak of the process' memory shows that it does not grow with the record.
 */
const { values: options } = parseArgs({ options: { statements: { type: 'string', default: '100000' } } });
const STATEMENTS = Number(options.statements);
const SILENCE_MS = 60_000;
const MEGABYTE = 1_048_576;

type Lines = (snapshot: RecordSnapshot, selection: Selection) => AsyncIterable<string>;
const EXPORTS: readonly [name: string, lines: Lines][] = [
  ['content', contentLines],
  ['CSV', (snapshot, selection) => csvLines(snapshot, selection, 'statement', false)],
  ['history', (snapshot) => historyLines(snapshot)],
];

await withTemporaryServer('exports', async (url) => {
  await generate(url, STATEMENTS, () => undefined);
  const db = openDatabase({ url, poolMax: 2, statementTimeoutMs: SILENCE_MS });
  const pool = openExportPool(url, 1, SILENCE_MS);
  const canceller = new Canceller(db.pool, new SqlClock());
  const postmaster = await findPostmaster(db);
  const selection = await selectionOf({ db, catalog: new Catalog() }, null);
  const rows: Record<string, string | number>[] = [];
  for (const [name, lines] of EXPORTS) {
    const before = [await cpuMs(process.pid), await postgresCpuMs(postmaster)] as const;
    const startMs = performance.now();
    const snapshot = await RecordSnapshot.open({ pool, canceller, signal: new AbortController().signal });
    let [count, bytes, memory] = [0, 0, 0];
    for await (const piece of lines(snapshot, selection)) {
      count += piece.split('\n').length - 1;
      bytes += piece.length;
      memory = Math.max(memory, process.memoryUsage.rss());
    }
    await snapshot.close();
    const ms = performance.now() - startMs;
    const perLine = (cpu: number): number => Math.round((cpu / count) * 1_000);
    rows.push({
      export: name,
      lines: count,
      'bytes a line': Math.round(bytes / count),
      'lines a second': Math.round(count / (ms / 1_000)),
      'process, µs a line': perLine((await cpuMs(process.pid)) - before[0]),
      'PostgreSQL, µs a line': perLine((await postgresCpuMs(postmaster)) - before[1]),
      'peak memory, MB': Math.round(memory / MEGABYTE),
    });
  }
  console.table(rows);
  await writeResults('exports', rows);
  await pool.end();
  await db.close();
});
