import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enter, openBrowser } from './house';

const FILMS = 500;

/** A house larger than the demo: the answers of the list are made up here, everything else is real. */
async function fillCatalogue(page: Page): Promise<void> {
  await page.route('**/api/v1/movies?*', async (route) => {
    const query = new URL(route.request().url()).searchParams;
    const from = Number(query.get('cursor') ?? 0);
    const to = Math.min(FILMS, from + Number(query.get('limit')));
    const items = Array.from({ length: to - from }, (_, index) => film(from + index));
    await route.fulfill({ json: { items, next_cursor: to < FILMS ? String(to) : null } });
  });
}

function film(index: number) {
  return {
    id: `film-${index}`,
    title: `Film number ${index}`,
    description: 'A film.',
    tags: [],
    category: null,
    price: index % 3 ? 0 : 500,
    state: 'published',
    publish_at: null,
    duration: 60 + index,
    width: 1280,
    height: 720,
    size: 1000,
    blake3: null,
    sha256: null,
    md5: null,
    poster_url: null,
    created_at: '2026-01-01T00:00:00Z',
    deleted_at: null,
  };
}

/** The first row below the header, and where it stands. */
function firstRow(page: Page) {
  return page.evaluate(() => {
    const row = [...document.querySelectorAll<HTMLElement>('[data-place]')].find(
      (one) => one.getBoundingClientRect().top > 100,
    );
    return { id: row?.dataset.place, top: Math.round(row?.getBoundingClientRect().top ?? -1) };
  });
}

describe.each([
  ['a desktop', 1280, 800],
  ['a phone', 390, 844],
])('a long catalogue on %s', (_name, width, height) => {
  let browser: Browser;
  let page: Page;
  let faults: string[];

  beforeAll(async () => {
    browser = await openBrowser();
    ({ page, faults } = await enter(browser, { viewport: { width, height } }));
    const username = `walker_${Date.now().toString(36)}`;
    await page.goto('/sign-up');
    await page.getByLabel('User name').fill(username);
    await page.getByLabel('Password', { exact: true }).fill('a long walk home');
    await fillCatalogue(page);
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByTestId('film-grid').waitFor();
  });

  afterAll(async () => {
    await browser.close();
  });

  it('reads on while one scrolls, every film once', async () => {
    const cards = page.getByTestId('film-card');
    await expect
      .poll(
        async () => {
          await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
          return cards.count();
        },
        { timeout: 20_000 },
      )
      .toBe(FILMS);
    const ids = await page.evaluate(() =>
      [...document.querySelectorAll('[data-place]')].map((row) => row.outerHTML),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('is where it was after a film and "back"', async () => {
    await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight * 0.6));
    await page.waitForTimeout(300);
    const before = await firstRow(page);
    await page.evaluate((id) => {
      document.querySelector<HTMLAnchorElement>(`[data-place="${id}"] a`)?.click();
    }, before.id);
    await page.waitForURL(`**/movies/${before.id}`);
    await page.waitForTimeout(300);
    await page.goBack();
    await expect.poll(async () => (await firstRow(page)).id).toBe(before.id);
    expect(Math.abs((await firstRow(page)).top - before.top)).toBeLessThan(3);
    await expect.poll(() => page.getByTestId('film-card').count()).toBe(FILMS);
  });

  it('shows what went wrong, and tries again', async () => {
    await page.unroute('**/api/v1/movies?*');
    await page.route('**/api/v1/movies?*', (route) => route.abort());
    await page.goto('/?sort=title');
    await page.getByRole('alert').getByText('No connection').waitFor();
    await page.unroute('**/api/v1/movies?*');
    await fillCatalogue(page);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByTestId('film-card').first().waitFor();
  });

  it('never scrolls sideways, and meets no fault', async () => {
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    expect(faults.filter((fault) => !fault.includes('net::ERR_FAILED'))).toEqual([]);
  });
});
