import { parseArgs } from 'node:util';
import { FULL, runChaos, SHORT } from './chaos/run.ts';

/*
 * Follows a record while its processes are killed, its PostgreSQL is restarted and its connections are cut. Prints
 * what was lost and what came twice; exits with 1 unless both are 0.
 */
const { values } = parseArgs({ options: { short: { type: 'boolean', default: false } } });
const say = (message: string): void => console.log(message);
const { codes, ...counts } = await runChaos({ ...(values.short ? SHORT : FULL), say });
for (const [name, count] of Object.entries(counts)) console.log(`${name.padEnd(14)} ${count}`);
for (const [code, count] of Object.entries(codes)) console.log(`ended with ${code}: ${count}`);
const { lost, repeated, foreign, disordered, broken, lostWrites } = counts;
const sound = lost + repeated + foreign + disordered + broken + lostWrites === 0;
console.log(`\nLost ${lost}, repeated ${repeated}.`);
process.exit(sound ? 0 : 1);
