import { parseArgs } from 'node:util';
import { runFuzz } from './fuzz/run.ts';

const SECONDS_DEFAULT = 60;
const USAGE = `Usage: npm run fuzz -- [--seconds N] [--seed N]

Sends operations made from the schema and frames of the protocols, right and wrong, at a service of its own for this many
seconds (default: ${SECONDS_DEFAULT}). Prints the seed; the same seed makes the same operations. Exits with 1 where something
happened that must not: a 5xx that is not load shedding, an unexpected error, a leak, a crash, a neighbour that waits.`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { seconds: { type: 'string' }, seed: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
  const durationMs = Number(values.seconds ?? SECONDS_DEFAULT) * 1_000;
  console.log(`seed ${seed}`);
  const { requests, sockets, counts, quiet, beside, memoryMb, faults } = await runFuzz({ seed, durationMs });
  console.log(`${requests} requests and ${sockets} sockets in ${durationMs / 1_000} s`);
  for (const [what, count] of [...counts].sort()) console.log(`  ${String(count).padStart(7)}  ${what}`);
  console.log('the neighbour in quiet', quiet, 'and beside it all', beside);
  console.log(`memory ${memoryMb.warm.toFixed(0)} MB when warm, ${memoryMb.after.toFixed(0)} MB after`);
  for (const fault of faults) console.error(`FAULT ${fault}`);
  console.log(
    faults.length === 0 ? 'Nothing happened that must not.' : `${faults.length} faults; seed ${seed}`,
  );
  process.exitCode = faults.length === 0 ? 0 : 1;
}

await main();
