import { createServer } from 'node:http';
import pg from 'pg';
import { WORKLOADS } from './workloads.ts';

/*
 * The baseline of a query: one SQL statement that makes the whole answer, behind `node:http`.
 * Its argument is the database; the first line it prints is its port.
 */
const POOL_MAX = 10;
const pool = new pg.Pool({ connectionString: process.argv[2], max: POOL_MAX });
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const { query, variables } = JSON.parse(String(Buffer.concat(chunks)));
  const workload = WORKLOADS.find((one) => one.query === query);
  if (!workload) throw new Error('this is not one of the workloads');
  const { name, sql: text } = workload;
  const { rows } = await pool.query<{ data: string }>({ name, text, values: Object.values(variables) });
  const body = Buffer.from(`{"data":${rows[0]?.data}}`);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as { port: number }).port));
