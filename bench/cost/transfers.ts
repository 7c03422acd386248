import type { RequestKind } from './requests.ts';

/** The token of the service's own recorder. */
export const RECORDER_TOKEN = 'readout-bench-of-the-cost-of-imports';

const lines = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => `${line(i)}\n`).join('');

/** They take longer than other requests. */
const RUNS = 5;

const imported = (name: string, bodyOf: (run: number) => string, query = ''): RequestKind => ({
  name: `import of ${name}`,
  runs: RUNS,
  send: async (origin, headers, run) => {
    const authorization = `Bearer ${RECORDER_TOKEN}`;
    const given = { method: 'POST', headers: { ...headers, authorization }, body: bodyOf(run) };
    const text = await (await fetch(`${origin}/import${query}`, given)).text();
    if (!text.includes('"report"')) throw new Error(`an import ended without a report: ${text}`);
  },
});

const exported = (name: string, filter: object): RequestKind => ({
  name: `export of ${name}`,
  runs: RUNS,
  send: async (origin, headers) => {
    const query = new URLSearchParams({ filter: JSON.stringify(filter) });
    const response = await fetch(`${origin}/export.csv?${query}`, { headers });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`an export was answered with ${response.status}`);
  },
});

const statement = (id: string, i: number): string =>
  JSON.stringify({
    statement: {
      ...{
        key: `bench-${id}-${i}`,
        text: `Said in import ${id}, line ${i}.`,
        mode: 'INDIRECT',
        act: 'STATE',
      },
      ...{ speakers: [`actor-${1 + (i % 500)}`], said: '2025-07-01', source: `source-${1 + (i % 1_000)}` },
    },
  });

/** Imports and exports, small ones and those that bring nothing: their price must not depend on what comes of them. */
export const TRANSFERS: readonly RequestKind[] = [
  imported('nothing', () => ''),
  imported('a bad line', () => 'bad\n'),
  imported('500 bad lines', () => lines(500, () => 'bad')),
  imported('20,000 empty lines', () => lines(20_000, () => '')),
  imported('a statement', (run) => statement(String(run), 0)),
  imported('100 statements', (run) => lines(100, (i) => statement(String(run), i))),
  imported('100 statements that the record has', () => lines(100, (i) => statement('same', i))),
  imported(
    '100 statements, as a dry run',
    (run) => lines(100, (i) => statement(`dry ${run}`, i)),
    '?dryRun=true',
  ),
  exported('nothing', { acts: ['THREATEN'], coders: ['no-such-coder'] }),
  exported('what an actor said of a topic', { speakers: ['actor-7'], topics: ['topic-3'] }),
];
