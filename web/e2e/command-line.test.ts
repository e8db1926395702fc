import { execFileSync } from 'node:child_process';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { enter, openBrowser, signIn } from './house';

/** `PLAYHOUSE_PUBLISH` is a command that publishes the film of this title. */
const TITLE = 'From the Command Line';

let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
});

afterAll(async () => {
  await browser.close();
});

it('shows a film that was published from the command line', async () => {
  const publish = process.env.PLAYHOUSE_PUBLISH;
  if (!publish) throw new Error('Set PLAYHOUSE_PUBLISH: e2e/README.md says how.');
  const [username = '', password = ''] = (process.env.PLAYHOUSE_ADMIN ?? '').split(/:(.*)/s);
  const { page, faults } = await enter(browser);
  await signIn(page, username, password);
  await page.goto('/');
  const card = page.getByTestId('film-card').filter({ hasText: TITLE });
  await page.getByTestId('film-card').first().waitFor();
  expect(await card.count()).toBe(0);
  execFileSync(publish, { stdio: 'pipe' });
  await page.reload();
  await card.getByRole('link').first().click();
  await page.getByRole('heading', { level: 1, name: TITLE }).waitFor();
  await page.getByTestId('player').waitFor();
  expect(faults).toEqual([]);
});
