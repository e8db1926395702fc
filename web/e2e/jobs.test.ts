import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ladderOf, makeFilm, playhouseAdmin, type Kind } from './films';
import { admin, enter, openBrowser, shoot, signIn } from './house';

/** Long enough to be caught at work. */
const LONG: Kind = {
  name: 'a long one',
  extension: 'mkv',
  size: '1280x720',
  seconds: 45,
  output: ['-c:v', 'mpeg4', '-q:v', '6', '-c:a', 'mp2'],
  ladder: [720, 480, 360, 240],
};

describe('the jobs of the house', () => {
  const title = `Jobs ${Date.now().toString(36)}`;
  let folder: string;
  let browser: Browser;
  let page: Page;
  let faults: string[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'playhouse-jobs-'));
    browser = await openBrowser();
    ({ page, faults } = await enter(browser));
    await signIn(page, ...admin());
  });

  afterAll(async () => {
    await playhouseAdmin('movie', 'delete', title).catch(console.warn);
    rmSync(folder, { recursive: true, force: true });
    await browser?.close();
  });

  const rows = () => page.getByTestId('admin-job');
  const only = (state: string) =>
    page.getByRole('radio', { name: state, exact: true }).click({ force: true });
  const inHand = () => rows().filter({ hasText: 'Running' }).filter({ hasText: 'First rendition' });

  it('are seen at work, and looked at closely', { timeout: 120_000 }, async () => {
    await page.goto('/admin/jobs');
    await playhouseAdmin('movie', 'publish', makeFilm(folder, LONG), '--title', title);
    const percent = inHand().first().getByRole('progressbar');
    const done = async () => Number(await percent.getAttribute('aria-valuenow'));
    await expect.poll(done, { timeout: 60_000 }).toBeGreaterThan(0);
    await shoot(page, 'admin-jobs');
    await inHand().first().getByRole('button', { name: 'First rendition' }).click();
    const look = page.getByRole('dialog');
    await look.getByText('Running').waitFor();
    await look.getByText('1 / ').waitFor();
    await look.getByRole('button', { name: 'Close' }).click();
  });

  it('are cancelled, and tried again', { timeout: 240_000 }, async () => {
    await inHand().first().getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('You can have it tried again later').waitFor();
    await page.getByRole('button', { name: 'Cancel the job' }).click();
    await page.getByText('The job is cancelled.').waitFor();
    await only('Cancelled');
    await page.waitForURL('**state=cancelled');
    await rows().first().getByRole('button', { name: 'Try now' }).click();
    await page.getByText('The job is tried again now.').waitFor();
    const quality = await ladderOf(title, 200);
    expect(quality.state).toBe('published');
    expect(quality.renditions.length).toBeGreaterThan(0);
    await only('Done');
    await page.waitForURL('**state=done');
    await rows().filter({ hasText: 'Rendition' }).first().waitFor();
    expect(await rows().filter({ hasText: 'Running' }).count()).toBe(0);
    expect(faults).toEqual([]);
  });
});
