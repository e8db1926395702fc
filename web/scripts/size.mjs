// Fails when what a first visit loads grows past its budget. Usage: node scripts/size.mjs [built folder]
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const BUDGET = { js: 90_000, css: 20_000 };
const folder = process.argv[2] ?? 'dist';
const page = readFileSync(join(folder, 'index.html'), 'utf8');

/** @type {Set<string>} */
const files = new Set();

/** @param {string} file */
function visit(file) {
  if (files.has(file)) return;
  files.add(file);
  if (!file.endsWith('.js')) return;
  const text = readFileSync(join(folder, file), 'utf8');
  for (const [, name] of text.matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g))
    visit(`assets/${name}`);
}

for (const [, file] of page.matchAll(/(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g)) visit(String(file));

const totals = { js: 0, css: 0 };
for (const file of files) {
  const kind = file.endsWith('.css') ? 'css' : 'js';
  const size = gzipSync(readFileSync(join(folder, file)), { level: 9 }).length;
  totals[kind] += size;
  console.log(`${String(size).padStart(8)}  ${file}`);
}
if (totals.js === 0 || totals.css === 0) {
  console.error('The page names no script or no style: the budget was not measured.');
  process.exit(1);
}
let over = false;
for (const kind of /** @type {const} */ (['js', 'css'])) {
  const fits = totals[kind] <= BUDGET[kind];
  over ||= !fits;
  console.log(`${kind}: ${totals[kind]} of ${BUDGET[kind]} bytes (gzip) ${fits ? 'ok' : 'TOO BIG'}`);
}
process.exit(over ? 1 : 0);
