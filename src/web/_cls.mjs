import { chromium } from 'playwright-core';
const paths = ['/', '/?actor=kremlin&stance=supports&from=2025-07-01','/?actor=nobody-of-that-name','/events/call-2025-07-01','/events/macron-remarks-2025-07-04','/events','/actors/emmanuel-macron','/actors','/topics/ukraine-ceasefire','/topics','/statements/macron-eu-security-talks-with-russia','/statements/nothing-of-that-name'];
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox','--disable-gpu'] });
for (const vp of [{width:1280,height:900},{width:390,height:844}]) {
const page = await browser.newPage({ viewport: vp });
await page.addInitScript(`window.shifts=[]; new PerformanceObserver((l)=>{for(const e of l.getEntries()) window.shifts.push([e.value.toFixed(3), e.sources.map(s=>(s.node?.className||s.node?.nodeName)+' '+JSON.stringify(s.previousRect.y)+'h'+s.previousRect.height+'->'+s.currentRect.y+'h'+s.currentRect.height).join(' | ')])}).observe({type:'layout-shift',buffered:true})`);
for (const p of paths) { await page.goto('http://localhost:4300'+p); await page.waitForSelector('h1'); await page.waitForTimeout(500); console.log(vp.width, p, JSON.stringify(await page.evaluate('window.shifts'))); }
}
await browser.close();
