import { parseArgs } from 'node:util';
import { LIMIT_SETTINGS } from '../src/config/limits.ts';
import { freePort, ServiceProcess } from './chaos/service.ts';
import { type Case, comparedEvent, fieldCases } from './cost/cases.ts';
import { fillRecord } from './cost/fill.ts';
import { Meter } from './cost/meter.ts';
import { measureRequests } from './cost/requests.ts';
import { RECORDER_TOKEN } from './cost/transfers.ts';
import { generate } from './generate.ts';
import { median, writeResults } from './measure.ts';
import { withTemporaryServer } from './temporaryServer.ts';

/*
 * The measured cost of each field, argument and condition compared with its points: CPU of the service and of
 * PostgreSQL, SQL time and bytes, on a generated record. CPU is read from /proc, so on Linux only.
 */
const { values } = parseArgs({
  options: {
    statements: { type: 'string', default: '200000' },
    database: { type: 'string' },
    /** A regular expression for the names of the cases to run. */
    only: { type: 'string', default: '' },
    /** How long a case is repeated. */
    ms: { type: 'string', default: '20' },
  },
});
const STATEMENTS = Number(values.statements);
const MS = Number(values.ms);
const RUNS_MIN = 2;
const RUNS_MAX = 200;
/** A case that takes this long runs only once more: beside its work, noise is little. */
const SLOW_MS = 80;
/** How long a case is repeated whose points seem wrong, to tell them from noise. */
const AGAIN_MS = 100;
/** Cases of each direction in the summary. */
const WORST = 10;
/** Largest factor between the µs of a point and their median. */
const FACTOR_MAX = 3;

interface Measured {
  readonly name: string;
  /** µs of CPU of one operation. */
  readonly service: number;
  readonly sql: number;
  readonly bytes: number;
  readonly points: number;
  readonly fault: string | null;
}

async function ask(
  origin: string,
  query: string,
): Promise<{ text: string; points: number; fault: string | null }> {
  const response = await fetch(`${origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', 'x-readout-cost': '1' },
    body: JSON.stringify({ query }),
  });
  const text = await response.text();
  const { errors, extensions } = JSON.parse(text) as {
    errors?: { message: string; extensions?: { limit?: string; cost?: number } }[];
    extensions?: { cost?: number };
  };
  const fault = errors?.[0]?.message.slice(0, 100) ?? null;
  return { text, points: extensions?.cost ?? Number.NaN, fault };
}

async function measure(origin: string, meter: Meter, { name, query }: Case, ms: number): Promise<Measured> {
  const askedMs = performance.now();
  const first = await ask(origin, query);
  const runsMin = performance.now() - askedMs > SLOW_MS ? 1 : RUNS_MIN;
  if (runsMin > 1) await ask(origin, query); // compiled by now
  const before = await meter.read();
  const startMs = performance.now();
  const points: number[] = [];
  const service: number[] = [];
  while (points.length < runsMin || (performance.now() - startMs < ms && points.length < RUNS_MAX)) {
    const beganMs = await meter.serviceMs();
    points.push((await ask(origin, query)).points);
    service.push((await meter.serviceMs()) - beganMs);
  }
  const after = await meter.read();
  return {
    name,
    service: median(service) * 1_000,
    sql: ((after.sql - before.sql) * 1_000) / points.length,
    bytes: first.text.length,
    // What the machine does beside only adds to the time of SQL.
    points: Math.min(...points),
    fault: first.fault,
  };
}

const perPointOf = ({ service, sql, points }: Measured): number => (service + sql) / points;

/** The median of the µs of a point. */
const usualOf = (measured: readonly Measured[]): number =>
  median(measured.filter(({ fault }) => !fault).map(perPointOf));

const isOff = (factor: number): boolean => factor > FACTOR_MAX || factor < 1 / FACTOR_MAX;

function rowOf(one: Measured, usual: number) {
  const { name, service, sql, bytes, points } = one;
  const factor = perPointOf(one) / usual;
  return {
    operation: name.replaceAll('|', '\\|'),
    'SQL µs': Math.round(sql),
    'process µs': Math.round(service),
    bytes,
    points,
    'µs a point': perPointOf(one).toFixed(2),
    'off by': isOff(factor) ? `${factor.toFixed(1)} ×` : '',
  };
}

/** The worst cases in both directions, most expensive for their points first. */
function worstOf(measured: readonly Measured[], usual: number) {
  const sorted = measured.filter(({ fault }) => !fault).sort((a, b) => perPointOf(b) - perPointOf(a));
  return [...sorted.slice(0, WORST), ...sorted.slice(-WORST)].map((one) => ({
    operation: one.name.replaceAll('|', '\\|'),
    points: one.points,
    'µs a point': perPointOf(one).toFixed(2),
    '× the median': (perPointOf(one) / usual).toFixed(1),
  }));
}

/** Starts a service, measures with it, and stops it. */
async function withService<Result>(
  databaseUrl: string,
  settings: Readonly<Record<string, string>>,
  work: (origin: string, meter: Meter) => Promise<Result>,
): Promise<Result> {
  const service = new ServiceProcess(await freePort(), {
    ...{ DATABASE_URL: databaseUrl, SEED: 'off', NODE_ENV: 'production', LAG_MAX_MS: '60000' },
    ...settings,
  });
  await service.start();
  const meter = new Meter(service.pid, databaseUrl);
  try {
    await meter.start();
    return await work(service.origin, meter);
  } finally {
    await meter.stop();
    await service.end('SIGTERM');
  }
}

async function measureAll(origin: string, meter: Meter, only: RegExp): Promise<Measured[]> {
  const compared = await comparedEvent(async (query) => JSON.parse((await ask(origin, query)).text).data);
  const cases = fieldCases(compared).filter(({ name }) => only.test(name));
  for (const { query } of cases.slice(0, 20)) await ask(origin, query); // warm
  const measured: Measured[] = [];
  for (const each of cases) {
    const one = await measure(origin, meter, each, MS);
    measured.push(one);
    console.log(JSON.stringify(one));
  }
  const usual = usualOf(measured);
  const distance = (one: Measured): number => Math.abs(Math.log(perPointOf(one) / usual));
  for (const [i, one] of measured.entries()) {
    if (one.fault || !isOff(perPointOf(one) / usual)) continue;
    const again = await measure(origin, meter, cases[i] as Case, AGAIN_MS);
    if (distance(again) < distance(one)) measured[i] = again;
  }
  return measured;
}

async function compare(databaseUrl: string): Promise<void> {
  const only = new RegExp(values.only);
  const unlimited = {
    STATEMENT_TIMEOUT_MS: '2000',
    COST_MAX: String(LIMIT_SETTINGS.COST_MAX.max),
    COST_PER_MINUTE: String(LIMIT_SETTINGS.COST_PER_MINUTE.max),
  };
  const metricsPort = await freePort();
  const counted = {
    TRUST_PROXY: '1',
    METRICS_PORT: String(metricsPort),
    RECORDER_TOKEN,
    COST_PER_MINUTE: String(LIMIT_SETTINGS.COST_PER_MINUTE.max),
  };
  const requests = await withService(databaseUrl, counted, (origin, meter) =>
    measureRequests(origin, meter, metricsPort, only),
  );
  const fields = await withService(databaseUrl, unlimited, (origin, meter) =>
    measureAll(origin, meter, only),
  );
  const measured = [...requests, ...fields];
  const usual = usualOf(measured);
  const rows = measured.map((one) => rowOf(one, usual));
  console.table(rows);
  const worst = worstOf(measured, usual);
  console.table(worst);
  const factors = measured.filter(({ fault }) => !fault).map((one) => perPointOf(one) / usual);
  const above = factors.filter((factor) => factor > FACTOR_MAX).length;
  const below = factors.filter((factor) => factor < 1 / FACTOR_MAX).length;
  console.log(
    `${rows.length} cases in ${Math.round(performance.now() / 1_000)} s; median ${usual.toFixed(2)} µs a point; ` +
      `${above} take more than ${FACTOR_MAX} times the median, and ${below} less than a ${FACTOR_MAX}rd of it`,
  );
  if (values.only === '') {
    await writeResults(`cost-${STATEMENTS}`, rows);
    await writeResults('cost-worst', worst);
  }
}

async function main(): Promise<void> {
  if (values.database !== undefined) return compare(values.database);
  await withTemporaryServer('cost', async (url) => {
    await generate(url, STATEMENTS, (step) => console.log(step));
    await fillRecord(url);
    await compare(url);
  });
}

await main();
