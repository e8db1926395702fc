// Draws the icons of the installed client from the mark. Run after the mark changes: CHROMIUM=... node scripts/icons.mjs
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const GROUND = '#141110';
const mark = readFileSync(new URL('../src/design/favicon.svg', import.meta.url), 'utf8');
const target = new URL('../public/icons/', import.meta.url);

/** `share` of the icon is the mark; a maskable one needs room around it that a launcher may cut away. */
const ICONS = [
  { name: 'icon-192.png', size: 192, share: 0.8 },
  { name: 'icon-512.png', size: 512, share: 0.8 },
  { name: 'maskable-512.png', size: 512, share: 0.56 },
  { name: 'apple-180.png', size: 180, share: 0.72 },
];

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
mkdirSync(target, { recursive: true });
for (const { name, size, share } of ICONS) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  const side = Math.round(size * share);
  await page.setContent(
    `<style>body{margin:0;height:100vh;display:grid;place-items:center;background:${GROUND}}svg{width:${side}px;height:${side}px}</style>${mark}`,
  );
  writeFileSync(new URL(name, target), await page.screenshot());
  await page.close();
}
await browser.close();
