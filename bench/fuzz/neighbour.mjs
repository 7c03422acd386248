// A well-behaved client in a process of its own, so that only the service can make it wait. Prints for each request how long
// it took, in milliseconds, and its status.
const [origin] = process.argv.slice(2);
const PAUSE_MS = 50;
const body = JSON.stringify({
  query: '{ statements(first: 20) { nodes { slug text speakers { name } topics { topic { name } } } } }',
});
const headers = { 'content-type': 'application/json' };

for (;;) {
  const start = performance.now();
  try {
    const response = await fetch(`${origin}/graphql`, { method: 'POST', headers, body });
    await response.text();
    process.stdout.write(`${(performance.now() - start).toFixed(1)} ${response.status}\n`);
  } catch {
    process.stdout.write(`${(performance.now() - start).toFixed(1)} 0\n`);
  }
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}
