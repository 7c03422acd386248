import { openSync, readSync } from 'node:fs';

/*
 * Runs in the service before its own code. At SIGUSR2 it prints the longest turn of the event loop since the last signal: its
 * time, and the time that the thread was on a CPU in it, which other work of the machine does not lengthen. Linux only.
 */
const INTERVAL_MS = 1;
const file = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
const text = Buffer.alloc(64);
const cpuMs = () => Number(text.toString('latin1', 0, readSync(file, text, 0, 64, 0)).split(' ', 1)[0]) / 1e6;
let last = { ms: performance.now(), cpuMs: cpuMs() };
let longest = { ms: 0, cpuMs: 0 };

setInterval(() => {
  const now = { ms: performance.now(), cpuMs: cpuMs() };
  longest = {
    ms: Math.max(longest.ms, now.ms - last.ms - INTERVAL_MS),
    cpuMs: Math.max(longest.cpuMs, now.cpuMs - last.cpuMs),
  };
  last = now;
}, INTERVAL_MS).unref();

process.on('SIGUSR2', () => {
  console.log(`longest turn ${longest.ms.toFixed(1)} ms, on a CPU ${longest.cpuMs.toFixed(1)} ms`);
  longest = { ms: 0, cpuMs: 0 };
});
