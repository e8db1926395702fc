import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin, enter, openBrowser, shoot } from './house';

interface Film {
  id: string;
  title: string;
  price: number;
  category: string | null;
}

const CATEGORIES = ['Documentary', 'Science', 'Music'];
const FILMS = 60;

/** A house with many films: the demo's, over and over, under other names. */
async function fillHouse(page: Page, films: Film[]) {
  const all = Array.from({ length: FILMS }, (_, index) => ({
    ...films[index % films.length],
    id: `film-${index}`,
    title: `Film number ${index}`,
    category: CATEGORIES[index % 3] ?? null,
    price: index % 2 ? 0 : 490,
  }));
  await page.route('**/api/v1/movies?*', (route) => {
    const asked = new URL(route.request().url()).searchParams;
    const fits = all.filter(
      ({ price, category }) =>
        (!asked.get('category') || category === asked.get('category')) &&
        (!asked.get('price') || price > 0 === (asked.get('price') === 'paid')),
    );
    const from = Number(asked.get('cursor') ?? 0);
    const to = Math.min(fits.length, from + Number(asked.get('limit')));
    const cursor = to < fits.length ? String(to) : null;
    return route.fulfill({ json: { items: fits.slice(from, to), next_cursor: cursor } });
  });
  const categories = CATEGORIES.map((name) => ({ name, count: FILMS / 3 }));
  await page.route('**/api/v1/movies/facets', (route) => route.fulfill({ json: { categories, tags: [] } }));
  return all;
}

/** The house keeps what was begun and what is wanted, as its API says. */
class Lists {
  begun: { movie: Film; position: number }[] = [];
  wanted: Film[] = [];

  async open(page: Page, films: readonly Film[]) {
    const list = (items: object[]) => ({ json: { items, next_cursor: null } });
    await page.route('**/api/v1/me/watching*', (route) =>
      route.fulfill(list(this.begun.map((one) => ({ ...one, watched_at: '2026-05-01T10:00:00Z' })))),
    );
    await page.route('**/api/v1/me/watchlist?*', (route) =>
      route.fulfill(list(this.wanted.map((movie) => ({ movie, added_at: '2026-05-01T10:00:00Z' })))),
    );
    await page.route('**/api/v1/me/watchlist/*', (route) => {
      const id = route.request().url().split('/').at(-1);
      this.wanted = this.wanted.filter((film) => film.id !== id);
      if (route.request().method() === 'PUT') this.wanted.push(...films.filter((film) => film.id === id));
      return route.fulfill({ status: 204 });
    });
    await page.route(/\/api\/v1\/movies\/[0-9a-f-]{36}$/, async (route) => {
      const real = await route.fetch();
      const film = (await real.json()) as Film;
      const isOn = this.wanted.some(({ id }) => id === film.id);
      await route.fulfill({ response: real, json: { ...film, on_watchlist: isOn } });
    });
  }
}

async function visit(browser: Browser, options: Parameters<typeof enter>[1] = {}) {
  const entered = await enter(browser, options);
  const [username, password] = admin();
  await entered.page.request.post('/api/v1/sessions', { data: { username, password } });
  const answer = await entered.page.request.get('/api/v1/movies?limit=50');
  return { ...entered, films: ((await answer.json()) as { items: Film[] }).items };
}

const row = (page: Page, name: string) =>
  page.getByTestId('row').filter({ has: page.getByRole('heading', { name, exact: true }) });
const titles = (page: Page, name: string) =>
  row(page, name).getByTestId('row-card').getByRole('heading').allTextContents();

describe('the home page', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await openBrowser();
  });

  afterAll(async () => {
    await browser.close();
  });

  it('shows the newest film large, and rows of what there is', async () => {
    const { page, context, faults, films } = await visit(browser);
    await page.goto('/');
    await row(page, 'New in the house').getByTestId('row-card').first().waitFor();
    expect(await page.getByTestId('hero').getByRole('heading', { level: 1 }).textContent()).toBeTruthy();
    const priced = (isPaid: boolean) =>
      films.filter(({ price }) => price > 0 === isPaid).map(({ title }) => title);
    await expect.poll(() => titles(page, 'Free to watch')).toEqual(priced(false));
    await expect.poll(() => titles(page, 'VIP picks')).toEqual(priced(true));
    await row(page, 'VIP picks').getByRole('link', { name: 'VIP picks' }).click();
    await page.waitForURL('**/?price=paid');
    await expect.poll(() => page.getByTestId('film-card').count()).toBe(priced(true).length);
    expect(await page.getByTestId('hero').count()).toBe(0);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('keeps the list of what one wants to see, and what one has begun', async () => {
    const { page, context, faults, films } = await visit(browser);
    const lists = new Lists();
    await lists.open(page, films);
    const [wanted, begun] = films;
    if (!wanted || !begun) throw new Error('The house holds too few films.');
    await page.goto(`/movies/${wanted.id}`);
    const button = page.getByTestId('list-button');
    await button.click();
    await page.getByText(`“${wanted.title}” is on your list.`).waitFor();
    expect(await button.getAttribute('aria-pressed')).toBe('true');
    lists.begun = [{ movie: begun, position: 5 }];
    await page.getByRole('link', { name: 'All films' }).click();
    await row(page, 'My list').waitFor();
    await expect.poll(() => titles(page, 'My list')).toEqual([wanted.title]);
    await expect.poll(() => titles(page, 'Continue watching')).toEqual([begun.title]);
    await row(page, 'Continue watching').getByText(/left$/).waitFor();
    await shoot(page, 'home');

    await page.goto(`/movies/${wanted.id}`);
    await button.click();
    await page.getByText(`“${wanted.title}” is off your list.`).waitFor();
    await page.getByRole('link', { name: 'All films' }).click();
    await row(page, 'Continue watching').waitFor();
    expect(await row(page, 'My list').count()).toBe(0);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('takes a change of the list back that the house refuses, and says why', async () => {
    const { page, context, films } = await visit(browser);
    await new Lists().open(page, films);
    await page.unroute('**/api/v1/me/watchlist/*');
    const json = { code: 'too_many', detail: 'Your list is full.' };
    await page.route('**/api/v1/me/watchlist/*', (route) => route.fulfill({ status: 409, json }));
    await page.goto(`/movies/${films[0]?.id}`);
    await page.getByTestId('list-button').click();
    await page.getByText('Your list is full.').waitFor();
    expect(await page.getByTestId('list-button').getAttribute('aria-pressed')).toBe('false');
    await context.close();
  });

  it.each([
    ['on a desktop', { viewport: { width: 1280, height: 800 } }],
    ['on a phone', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
  ])('has rows that scroll, read on and stay where they were, %s', async (_where, options) => {
    const { page, context, faults, films } = await visit(browser, options);
    await fillHouse(page, films);
    await page.goto('/');
    const free = row(page, 'Free to watch');
    await free.getByTestId('row-card').first().waitFor();
    const track = free.getByRole('list');
    const count = () => free.getByTestId('row-card').count();
    await expect.poll(count).toBe(14);

    // By keyboard: one stop for the whole row, the arrows inside it, to its very end.
    await free.getByTestId('row-card').first().getByRole('link').focus();
    await page.keyboard.press('End');
    await expect.poll(count, { timeout: 10_000 }).toBe(28);
    await page.keyboard.press('ArrowLeft');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('Film number 25');
    expect(await free.locator('a:not([tabindex="-1"])').count()).toBe(2);

    await expect.poll(() => track.evaluate((node) => node.scrollLeft)).toBeGreaterThan(500);
    await page.waitForTimeout(600);
    const before = await track.evaluate((node) => node.scrollLeft);
    await page.evaluate(() => window.scrollBy(0, 300));
    await page.waitForTimeout(200);
    const top = await page.evaluate(() => window.scrollY);
    await free
      .getByTestId('row-card')
      .nth(12)
      .getByRole('link')
      .evaluate((link: HTMLElement) => link.click());
    await page.waitForURL('**/movies/film-25');
    await page.goBack();
    await expect.poll(count, { timeout: 10_000 }).toBe(28);
    await expect.poll(() => track.evaluate((node) => node.scrollLeft)).toBeGreaterThan(before - 40);
    await expect.poll(() => page.evaluate(() => window.scrollY)).toBeGreaterThan(top - 5);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    expect(faults).toEqual([]);
    await context.close();
  });

  it.each([
    ['desktop', {}],
    ['phone', { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }],
  ])('does not move what stands already while its rows come, on a %s', async (_where, options) => {
    const { page, context, films } = await visit(browser, options);
    await fillHouse(page, films);
    await page.addInitScript(() => {
      const moved = window as unknown as { moved: number };
      moved.moved = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) moved.moved += (entry as unknown as { value: number }).value;
      }).observe({ type: 'layout-shift', buffered: true });
    });
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto('/');
    await row(page, 'Science').waitFor();
    await page.waitForTimeout(800);
    expect(asked.filter((url) => url.endsWith('/movies?sort=newest&limit=14'))).toHaveLength(1);
    expect(await page.evaluate(() => (window as unknown as { moved: number }).moved)).toBeLessThan(0.1);
    await context.close();
  });

  it('leads from a film to others of its kind', async () => {
    const { page, context, faults, films } = await visit(browser);
    // Other tests publish films of no kind; the newest one may be theirs.
    const film = films.find(({ id, category }) =>
      films.some((other) => other.id !== id && category !== null && other.category === category),
    );
    if (!film) throw new Error('The house holds no two films of one category.');
    await page.goto(`/movies/${film.id}`);
    const related = row(page, 'More like this');
    await related.getByTestId('row-card').first().waitFor();
    expect(await titles(page, 'More like this')).not.toContain(film.title);
    await related.getByTestId('row-card').first().getByRole('link').click();
    await page.waitForURL((url) => url.pathname !== `/movies/${film.id}`);
    expect(faults).toEqual([]);
    await context.close();
  });
});
