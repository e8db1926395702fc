/**
 * Lighthouse on the catalogue and on a room, as somebody who is signed in, on a phone and on a desktop. Prints a table
 * and fails when a score is below the goal. `web/README.md` says how it is run.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import desktop from 'lighthouse/core/config/desktop-config.js';
import lighthouse from 'lighthouse';
import puppeteer from 'puppeteer-core';

const GOAL = 95;
const CATEGORIES = ['performance', 'accessibility', 'best-practices'];
const RUNS = Number(process.env.RUNS ?? 3);
const HOUSE = required('PLAYHOUSE_URL').replace(/\/$/, '');
const REPORTS = process.env.REPORTS;

function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`Set ${name}: web/README.md says how.`);
  return value;
}

const say = (line) => process.stdout.write(`${line}\n`);
const complain = (line) => process.stderr.write(`${line}\n`);

let token = '';

async function ask(method, path, body) {
  const answer = await fetch(`${HOUSE}/api/v1${path}`, {
    method,
    headers: { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) },
    body: body && JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return { answer, data: await answer.json() };
}

/** Signs in; returns the cookie that a browser would keep. */
async function signIn() {
  const [username, password = ''] = required('PLAYHOUSE_ACCOUNT').split(/:(.*)/s);
  const { answer, data } = await ask('POST', '/sessions', { username, password, device: 'Lighthouse' });
  token = data.token;
  const [pair = ''] = (answer.headers.getSetCookie()[0] ?? '').split(';');
  const [name, value] = pair.split(/=(.*)/s);
  return { name, value, url: HOUSE };
}

/** A room in which something was said. */
async function makeRoom() {
  const { data: room } = await ask('POST', '/rooms', { name: `Lighthouse ${Date.now().toString(36)}` });
  for (let count = 1; count <= 30; count += 1) {
    const body = `Message ${count}: the second reel is ready, see https://example.org/${count}`;
    await ask('POST', `/rooms/${room.id}/messages`, { client_msg_id: crypto.randomUUID(), body });
  }
  return room.id;
}

/** The scores of one visit, and what kept them from being whole. */
async function visit(browser, address, config) {
  const page = await browser.newPage();
  const flags = { onlyCategories: CATEGORIES, logLevel: 'error', output: 'json' };
  const { lhr, report } = await lighthouse(HOUSE + address, flags, config, page);
  await page.close();
  if (lhr.runtimeError) throw new Error(lhr.runtimeError.message);
  const scores = CATEGORIES.map((name) => Math.round((lhr.categories[name]?.score ?? 0) * 100));
  return { scores, lhr, report };
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

function lacking(lhr) {
  const refs = CATEGORIES.flatMap((name) => lhr.categories[name]?.auditRefs ?? []);
  const heavy = new Set(refs.filter(({ weight }) => weight > 0).map(({ id }) => id));
  return Object.values(lhr.audits)
    .filter(({ id, score }) => heavy.has(id) && score !== null && score < 0.9)
    .map(({ id, displayValue, score }) => `${id} ${displayValue ?? ''} (${score})`);
}

const cookie = await signIn();
const room = await makeRoom();
const browser = await puppeteer.launch({
  executablePath: process.env.CHROME_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--headless=new'],
});
await browser.setCookie(cookie);
let isBelow = false;
say(`| page | on | ${CATEGORIES.join(' | ')} | largest paint | blocked | moved |`);
say(`|---|---|${CATEGORIES.map(() => '---').join('|')}|---|---|---|`);
for (const [name, address] of [
  ['catalogue', '/'],
  ['room', `/rooms/${room}`],
]) {
  for (const [device, config] of [
    ['phone', undefined],
    ['desktop', desktop],
  ]) {
    const visits = [];
    for (let run = 0; run < RUNS; run += 1) visits.push(await visit(browser, address, config));
    const scores = CATEGORIES.map((_, index) => median(visits.map((one) => one.scores[index])));
    const { lhr, report } = visits.at(-1);
    const said = (id) => lhr.audits[id]?.displayValue ?? '';
    const metrics = ['largest-contentful-paint', 'total-blocking-time', 'cumulative-layout-shift'].map(said);
    say(`| ${[name, device, ...scores, ...metrics].join(' | ')} |`);
    isBelow ||= scores.some((score) => score < GOAL);
    for (const line of lacking(lhr)) complain(`  ${name}, ${device}: ${line}`);
    if (!REPORTS) continue;
    mkdirSync(REPORTS, { recursive: true });
    writeFileSync(`${REPORTS}/${name}-${device}.json`, report);
  }
}
await browser.close();
if (isBelow) complain(`Below ${GOAL}.`);
process.exit(isBelow ? 1 : 0);
