import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seriousFaults } from './axe';
import { admin, enter, openBrowser, shoot } from './house';
import { FilmHouse, makeLadder } from './ladder';
import { SeriesHouse, type Film } from './series';

let browser: Browser;
let ladder: ReturnType<typeof makeLadder>;

beforeAll(async () => {
  ladder = makeLadder();
  browser = await openBrowser();
}, 120_000);

afterAll(async () => {
  await browser.close();
  ladder.remove();
});

type Options = Parameters<typeof enter>[1];

/** Somebody in a house with a series of four films; the third begins a second season. */
async function visit(options: Options = {}, role: 'member' | 'admin' = 'member') {
  const { page, context, faults } = await enter(browser, options);
  const [username, password] = admin();
  await page.request.post('/api/v1/sessions', { data: { username, password } });
  const me = (await (await page.request.get('/api/v1/me')).json()) as object;
  await page.route('**/api/v1/me', (route) => route.fulfill({ json: { ...me, role } }));
  const answer = await page.request.get('/api/v1/movies?limit=50');
  const films = ((await answer.json()) as { items: Film[] }).items;
  const [first, second, third, fourth] = films;
  if (!first || !second || !third || !fourth) throw new Error('The house holds too few films.');
  const house = new SeriesHouse(films);
  const series = house.holds(
    'Tides',
    [
      [1, 1, 0],
      [1, 2, 1],
      [2, 1, 2],
      [2, 4, 3],
    ],
    'A year at the coast.',
  );
  await house.open(page);
  return { page, context, faults, house, series, films: [first, second, third, fourth] as const };
}

/** Changes what the house says of one film. */
async function saysOf(page: Page, film: Film, changes: object) {
  await page.route(`**/api/v1/movies/${film.id}`, async (route) => {
    const real = await route.fetch();
    await route.fulfill({ response: real, json: { ...(await real.json()), ...changes } });
  });
}

const card = (page: Page) => page.getByTestId('next-film');
const paused = (page: Page) => page.getByTestId('player').evaluate((video: HTMLVideoElement) => video.paused);

/** Plays the film that is on the page, and runs it to its end. */
async function toTheEnd(page: Page) {
  await page.getByTestId('play').click();
  const video = page.getByTestId('player');
  await expect
    .poll(() => video.evaluate((one: HTMLVideoElement) => one.currentTime), { timeout: 20_000 })
    .toBeGreaterThan(0.3);
  await video.evaluate((one: HTMLVideoElement) => (one.currentTime = one.duration - 0.4));
  await expect
    .poll(() => video.evaluate((one: HTMLVideoElement) => one.ended), { timeout: 20_000 })
    .toBe(true);
}

describe('series', () => {
  it('stand on the home page and in a list, and show their films by season', async () => {
    const { page, context, faults, films } = await visit();
    await page.goto('/');
    const row = page
      .getByTestId('row')
      .filter({ has: page.getByRole('heading', { name: 'Series', exact: true }) });
    await row.getByRole('link', { name: /^Tides/ }).waitFor();
    await row.getByText('2 seasons').waitFor();
    await row.getByRole('heading', { name: 'Series', exact: true }).getByRole('link').click();
    await page.waitForURL('**/series');
    await page.getByTestId('series-card').getByRole('link').click();
    await page.getByRole('heading', { level: 1, name: 'Tides' }).waitFor();
    await page.getByText('A year at the coast.').waitFor();
    const titles = (season: number) =>
      page.getByTestId('season').nth(season).getByTestId('episode').locator('.name').allTextContents();
    expect(await titles(0)).toEqual([films[0].title, films[1].title]);
    expect(await titles(1)).toEqual([films[2].title, films[3].title]);
    await page.getByRole('button', { name: 'Season 2' }).click();
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('season-2');
    await page.getByRole('link', { name: `Begin with “${films[0].title}”` }).click();
    await page.waitForURL(`**/movies/${films[0].id}`);
    await page.goBack();
    await page.getByRole('heading', { level: 1, name: 'Tides' }).waitFor();
    expect(faults).toEqual([]);
    await context.close();
  });

  it('leave no trace where there are none', async () => {
    const { page, context, faults, house } = await visit();
    house.series = [];
    await page.goto('/');
    await page.getByTestId('row-card').first().waitFor();
    expect(await page.getByRole('heading', { name: 'Series', exact: true }).count()).toBe(0);
    await page.goto('/series');
    await page.getByRole('heading', { name: 'No series yet' }).waitFor();
    await page.goto('/series/00000000-0000-7000-8000-000000000009');
    await page.getByRole('heading', { name: 'No such series' }).waitFor();
    expect(faults).toEqual([]);
    await context.close();
  });

  it('are told on the page of a film, with the film before and the film after', async () => {
    const { page, context, faults, films } = await visit();
    await page.goto(`/movies/${films[1].id}`);
    const line = page.getByTestId('series-line');
    await line.getByText('Season 1, episode 2').waitFor();
    const nav = page.getByRole('navigation', { name: 'In this series' });
    await nav.getByRole('link', { name: `Previous ${films[0].title}` }).waitFor();
    await nav.getByRole('link', { name: `Next ${films[2].title}` }).click();
    await page.waitForURL(`**/movies/${films[2].id}`);
    await line.getByText('Season 2, episode 1').waitFor();
    await line.getByRole('link', { name: 'Tides' }).click();
    await page.getByRole('heading', { level: 1, name: 'Tides' }).waitFor();
    expect(faults).toEqual([]);
    await context.close();
  });
});

describe('the end of a film of a series', () => {
  it('counts down to the next one, which then plays by itself', async () => {
    const { page, context, faults, films } = await visit();
    await saysOf(page, films[0], { price: 0, duration: 60 });
    await saysOf(page, films[1], { price: 0, duration: 60 });
    await new FilmHouse(ladder.folder).open(page);
    await page.goto(`/movies/${films[0].id}`);
    await toTheEnd(page);
    await card(page).getByText(films[1].title, { exact: true }).waitFor();
    await shoot(page, 'player-next');
    await page.waitForURL(`**/movies/${films[1].id}`, { timeout: 15_000 });
    await expect.poll(() => paused(page), { timeout: 15_000 }).toBe(false);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('keeps the whole screen for the next one, on a phone too', async () => {
    const viewport = { width: 390, height: 844 };
    const { page, context, faults, films } = await visit({ viewport, hasTouch: true, isMobile: true });
    await saysOf(page, films[0], { price: 0, duration: 60 });
    await saysOf(page, films[1], { price: 0, duration: 60 });
    await new FilmHouse(ladder.folder).open(page);
    await page.goto(`/movies/${films[0].id}`);
    const isFull = () =>
      page.evaluate(() => document.fullscreenElement?.contains(document.querySelector('video')) ?? false);
    await page.getByTestId('player').waitFor();
    await page.keyboard.press('f');
    await expect.poll(isFull).toBe(true);
    await toTheEnd(page);
    await card(page).getByRole('button', { name: 'Play' }).click();
    await page.waitForURL(`**/movies/${films[1].id}`);
    await expect.poll(() => paused(page), { timeout: 15_000 }).toBe(false);
    await expect.poll(() => page.title()).toContain(films[1].title);
    expect(await isFull()).toBe(true);
    await page.getByRole('region', { name: `Player: ${films[1].title}` }).waitFor();

    await page.keyboard.press('f');
    await expect.poll(isFull).toBe(false);
    await page.getByRole('heading', { level: 1, name: films[1].title }).waitFor();
    expect(faults).toEqual([]);
    await context.close();
  });

  it('stays where it is when somebody says so, or is writing', async () => {
    const { page, context, films } = await visit();
    await saysOf(page, films[0], { price: 0, duration: 60 });
    await saysOf(page, films[1], { price: 0, duration: 60 });
    await new FilmHouse(ladder.folder).open(page);
    await page.goto(`/movies/${films[0].id}`);
    await toTheEnd(page);
    await card(page).getByRole('button', { name: 'Cancel' }).click();
    await page.waitForTimeout(11_000);
    expect(page.url()).toContain(films[0].id);
    await card(page).getByRole('button', { name: 'Play' }).click();
    await page.waitForURL(`**/movies/${films[1].id}`);

    await page.goto(`/movies/${films[0].id}`);
    await page.getByLabel('Your comment').fill('I thought');
    await toTheEnd(page);
    await card(page).getByRole('button', { name: 'Play' }).waitFor();
    expect(await card(page).getByRole('button', { name: 'Cancel' }).count()).toBe(0);
    await context.close();
  });

  it('offers to buy a next film that is not free, and nothing that may not be seen', async () => {
    const { page, context, films } = await visit({ reducedMotion: 'reduce' });
    await saysOf(page, films[0], { price: 0, duration: 60 });
    await saysOf(page, films[1], { price: 490, your_price: 490, owned: false });
    await new FilmHouse(ladder.folder).open(page);
    await page.goto(`/movies/${films[0].id}`);
    await toTheEnd(page);
    const link = card(page).getByRole('link', { name: /^See it for/ });
    await link.waitFor();
    expect(await card(page).getByRole('button').count()).toBe(0);
    await shoot(page, 'player-next-paid');

    await page.route(`**/api/v1/movies/${films[1].id}`, (route) =>
      route.fulfill({ status: 404, json: { code: 'not_found', title: 'Not found' } }),
    );
    await page.goto(`/movies/${films[0].id}`);
    await toTheEnd(page);
    await page.waitForTimeout(500);
    expect(await card(page).count()).toBe(0);
    await context.close();
  });
});

describe.each(['dark', 'light'] as const)('in the %s theme', (colorScheme) => {
  it.each([
    ['desktop', { width: 1280, height: 860 }],
    ['phone', { width: 390, height: 844 }],
  ])('nothing serious is wrong on a %s', async (where, viewport) => {
    const { page, context, series, films } = await visit({ colorScheme, viewport });
    for (const [name, path] of [
      ['list', '/series'],
      ['one', `/series/${series.id}`],
      ['film', `/movies/${films[1].id}`],
      ['home', '/'],
    ] as const) {
      await page.goto(path);
      await page.getByText('Tides').first().waitFor();
      await page.waitForLoadState('networkidle', { timeout: 3000 }).catch(() => undefined);
      expect(await seriousFaults(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBe(0);
      await shoot(page, `${colorScheme}-${where}-series-${name}`);
    }
    await context.close();
  });
});
