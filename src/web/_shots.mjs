import { chromium } from 'playwright-core';
const only = process.argv[2];
const pages = {
  feed: '/', feedf: '/?actor=kremlin&stance=supports', event: '/events/call-2025-07-01', actor: '/actors/emmanuel-macron',
  topic: '/topics/ukraine-ceasefire', topicp:'/topics/ukraine-war', statement: '/statements/leaders-agree-iran-right-to-peaceful-energy',
  statementq: '/statements/macron-reached-out-about-iran', events: '/events', actors: '/actors', topics: '/topics', missing: '/statements/nope', empty: '/?q=xylophone',
};
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox','--disable-gpu','--disable-background-networking','--disable-component-update','--disable-sync','--no-first-run'] });
for (const [vp, size] of Object.entries({ d: { width: 1280, height: 900 }, m: { width: 390, height: 844 } })) for (const scheme of ['light', 'dark']) {
  if (process.argv[3] && !process.argv[3].split(',').includes(vp+scheme)) continue;
  const context = await browser.newContext({ viewport: size, colorScheme: scheme });
  const page = await context.newPage();
  page.on('console', (m) => ['error','warning'].includes(m.type()) && console.log(m.type(), m.text(), m.location().url));
  page.on('pageerror', (e) => console.log('pageerror', e.message));
  for (const [name, path] of Object.entries(pages)) {
    if (only && only !== 'all' && !only.split(',').includes(name)) continue;
    await page.goto('http://localhost:4300' + path);
    await page.waitForSelector('h1');
    await page.waitForTimeout(600);
    await page.screenshot({ path: `/tmp/shots/${name}-${vp}-${scheme}.png`, fullPage: true });
    const over = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    if (over) console.log('overflow', name, vp);
  }
  await context.close();
}
await browser.close();
