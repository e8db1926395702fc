import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asAdmin, enter, openBrowser, shoot } from './house';

interface Film {
  id: string;
  title: string;
  price: number;
  blake3: string;
  sha256: string | null;
  size: number;
}

/** A newcomer's evening: each step stands on the one before. */
describe('a newcomer', () => {
  const username = `guest_${Date.now().toString(36)}`;
  const password = 'a seat in row seven';
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let faults: string[];
  let films: Film[];

  beforeAll(async () => {
    browser = await openBrowser();
    ({ context, page, faults } = await enter(browser));
  });

  afterAll(async () => {
    await browser.close();
  });

  const film = (isPaid: boolean): Film => {
    const found = films.find(({ price }) => price > 0 === isPaid);
    if (!found) throw new Error(`The house holds no ${isPaid ? 'paid' : 'free'} film.`);
    return found;
  };

  it('is told what is wrong with a sign-up, and keeps what was typed', async () => {
    await page.goto('/');
    await page.waitForURL('**/sign-in');
    await page.getByRole('link', { name: 'Join' }).click();
    await page.getByLabel('User name').fill(username);
    await page.getByLabel('Password', { exact: true }).fill('short');
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.locator('input[name=password][aria-invalid=true]').waitFor();
    expect(await page.getByLabel('User name').inputValue()).toBe(username);
    expect(await page.getByLabel('Password', { exact: true }).inputValue()).toBe('short');
  });

  it('signs up and is in', async () => {
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByTestId('film-card').first().waitFor();
    expect(await page.title()).toContain('Films');
    films = await page.evaluate(async () => {
      const answer = await fetch('/api/v1/movies?limit=200');
      return ((await answer.json()) as { items: Film[] }).items;
    });
    await shoot(page, 'catalogue');
  });

  it('narrows the catalogue by price and by words, in the address', async () => {
    await page.getByRole('radio', { name: 'Paid' }).check();
    await page.waitForURL('**/?price=paid');
    const paid = films.filter(({ price }) => price > 0).length;
    await expect.poll(() => page.getByTestId('film-card').count()).toBe(paid);
    await page.goBack();
    await expect.poll(() => page.getByTestId('film-card').count()).toBe(films.length);
    await page.getByRole('searchbox').fill('zzzzqqq');
    await page.getByText('No film fits').waitFor();
    expect(new URL(page.url()).search).toBe('?q=zzzzqqq');
    await page.getByRole('link', { name: 'Clear all filters' }).last().click();
    await page.getByTestId('film-card').first().waitFor();
  });

  it('plays a free film, and the house remembers where', async () => {
    const { id, title } = film(false);
    await page.goto(`/movies/${id}`);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(title);
    const player = page.getByTestId('player');
    await player.waitFor();
    await player.evaluate((video: HTMLVideoElement) => {
      video.muted = true;
      return video.play();
    });
    const time = () => player.evaluate((video: HTMLVideoElement) => video.currentTime);
    await expect.poll(time, { timeout: 15_000 }).toBeGreaterThan(1);
    const kept = page.waitForRequest(
      (request) => request.url().endsWith('/position') && request.method() === 'PUT',
    );
    await player.evaluate((video: HTMLVideoElement) => video.pause());
    const answer = await (await kept).response();
    expect(answer?.status()).toBe(204);
    await shoot(page, 'film');
  });

  it('waits for a free download, and gets the very bytes', async () => {
    const { sha256, size } = film(false);
    const started = page.waitForEvent('download', { timeout: 50_000 });
    await page.getByRole('button', { name: /^Download/ }).click();
    await page.getByTestId('waiting').waitFor();
    expect(await page.getByRole('timer').count()).toBe(1);
    await shoot(page, 'waiting');
    const path = await (await started).path();
    const bytes = readFileSync(path);
    expect(bytes.length).toBe(size);
    if (sha256) expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
    await page.getByTestId('download-link').waitFor();
  });

  it('cannot buy without money, redeems a voucher, and buys', async () => {
    const paid = film(true);
    await page.goto(`/movies/${paid.id}`);
    await page.getByRole('button', { name: /^Buy for/ }).click();
    await page.getByRole('button', { name: /^Pay/ }).click();
    await page.getByRole('link', { name: 'Top up the wallet' }).click();

    const { codes } = await asAdmin<{ codes: string[] }>('/admin/vouchers', { amount: paid.price, count: 1 });
    await page.getByLabel('Voucher code').fill('NO-SUCH-CODE');
    await page.getByRole('button', { name: 'Redeem' }).click();
    await page.locator('input[name=code][aria-invalid=true]').waitFor();
    await page.getByLabel('Voucher code').fill(codes[0] ?? '');
    await page.getByRole('button', { name: 'Redeem' }).click();
    await expect.poll(() => page.getByTestId('ledger').locator('tbody tr').count()).toBe(1);
    await shoot(page, 'wallet');

    await page.goto(`/movies/${paid.id}`);
    await page.getByRole('button', { name: /^Buy for/ }).click();
    await page.getByRole('button', { name: /^Pay/ }).click();
    await page.getByText('Yours', { exact: true }).waitFor();
    await page.getByTestId('player').waitFor();
  });

  it('downloads a bought film without the wait, and finds both in the record', async () => {
    const started = page.waitForEvent('download');
    await page.getByRole('button', { name: /^Download/ }).click();
    await (await started).path();
    await page.goto('/records');
    const rows = page.getByTestId('records').getByRole('listitem');
    await expect.poll(() => rows.count()).toBe(2);
    await expect.poll(() => page.getByText('Complete', { exact: true }).count(), { timeout: 15_000 }).toBe(2);
    await shoot(page, 'records');
  });

  it('hears of a new notice, reads it, and the badge goes', async () => {
    // What was said before they came is not news to them.
    expect(await page.getByTestId('unread-badge').count()).toBe(0);
    await asAdmin('/notices', { title: 'Tonight', body: 'Doors open at **eight**.' });
    await page.goto('/');
    await page.getByTestId('unread-badge').waitFor();
    await page.goto('/notices');
    await page.getByTestId('notices').waitFor();
    await expect.poll(() => page.getByTestId('unread-badge').count(), { timeout: 10_000 }).toBe(0);
    await shoot(page, 'notices');
  });

  it('changes the profile and the theme, and both stay', async () => {
    await page.goto('/me');
    await page.getByLabel('Name', { exact: true }).fill('Ada Marlow');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name: 'Ada Marlow' }).waitFor();
    await page.getByRole('tab', { name: 'Language and theme' }).click();
    await page.locator('#main').getByTitle('Light').click();
    await page.goto('/me');
    expect(await page.locator('html').getAttribute('data-theme')).toBe('light');
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Ada Marlow');
  });

  it('signs out, and the pages close', async () => {
    await page.getByTestId('account-menu').click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL('**/sign-in');
    await page.goto('/wallet');
    await page.waitForURL('**/sign-in?next=%2Fwallet');
  });

  it('met no fault in the browser', async () => {
    expect(faults).toEqual([]);
    await context.close();
  });
});
