import { mkdirSync } from 'node:fs';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`Set ${name}: e2e/README.md says how.`);
  return value;
}

export const HOUSE = required('PLAYHOUSE_URL').replace(/\/$/, '');
const SHOTS = process.env.SHOTS ?? 'test-results';

export function openBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  const args = ['--no-sandbox', '--autoplay-policy=no-user-gesture-required'];
  return chromium.launch({ executablePath, args });
}

/** A fresh reader, and everything that went wrong in their browser. */
export async function enter(browser: Browser, options: BrowserContextOptions = {}) {
  const context = await browser.newContext({
    baseURL: HOUSE,
    locale: 'en-GB',
    acceptDownloads: true,
    ...options,
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !isExpected(message.text())) faults.push(message.text());
  });
  return { context, page, faults };
}

/** The browser writes a line for every 4xx answer, which the pages ask for knowingly: "who am I?", a wrong voucher. */
function isExpected(text: string): boolean {
  return /Failed to load resource: the server responded with a status of 4\d\d/.test(text);
}

export async function signIn(page: Page, username: string, password: string): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('User name').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByTestId('account-menu').waitFor();
}

export async function shoot(page: Page, name: string): Promise<void> {
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
}

/** Name and password of an admin. */
export function admin(): [string, string] {
  const [username = '', password = ''] = required('PLAYHOUSE_ADMIN').split(/:(.*)/s);
  return [username, password];
}

/** Calls the API as the admin, outside of any page. */
export async function asAdmin<Answer>(path: string, body: unknown, method = 'POST'): Promise<Answer> {
  const [username, password] = admin();
  const opened = await send<{ token: string }>('POST', '/sessions', { username, password });
  return send<Answer>(method, path, body, opened.token);
}

/**
 * Waits until the house has nothing to encode: what a test measures of the browser is not to be the work of the house on
 * the same processor. Films that wait for their day do not count.
 */
export async function whenIdle(): Promise<void> {
  const [username, password] = admin();
  const { token } = await send<{ token: string }>('POST', '/sessions', { username, password });
  const open = async (state: string) => {
    const path = `/admin/jobs?state=${state}`;
    const { items } = await send<{ items: { run_at: string }[] }>('GET', path, undefined, token);
    return items.filter((job) => Date.parse(job.run_at) <= Date.now()).length;
  };
  while ((await open('running')) + (await open('waiting')) > 0) {
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function send<Answer>(method: string, path: string, body: unknown, token?: string): Promise<Answer> {
  const headers: Record<string, string> = { 'Content-Type': 'application/json' };
  if (token) headers.Authorization = `Bearer ${token}`;
  const answer = await fetch(`${HOUSE}/api/v1${path}`, {
    method,
    headers,
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Answer;
}
