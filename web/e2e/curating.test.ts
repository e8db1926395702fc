import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seriousFaults } from './axe';
import { admin, enter, openBrowser, shoot } from './house';
import { ReviewHouse } from './reviews';
import { SeriesHouse, type Film } from './series';

let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
});

afterAll(async () => {
  await browser.close();
});

/** An admin in a house with a series and with comments. */
async function visit(options: Parameters<typeof enter>[1] = {}) {
  const { page, context, faults } = await enter(browser, options);
  const [username, password] = admin();
  await page.request.post('/api/v1/sessions', { data: { username, password } });
  const answer = await page.request.get('/api/v1/movies?limit=50');
  const films = ((await answer.json()) as { items: Film[] }).items;
  const [first, second, third, fourth] = films;
  if (!first || !second || !third || !fourth) throw new Error('The house holds too few films.');
  const house = new SeriesHouse(films);
  await house.open(page);
  const reviews = new ReviewHouse({ id: 'me', username });
  await reviews.open(page);
  return { page, context, faults, house, reviews, films: [first, second, third, fourth] as const };
}

const rows = (page: Page) => page.getByTestId('placed-film');
const titles = (page: Page) => rows(page).locator('.name').allTextContents();
const spots = (house: SeriesHouse) =>
  (house.series[0]?.films ?? [])
    .toSorted((a, b) => a.season - b.season || a.episode - b.episode)
    .map(({ season, episode, movie }) => `${season}.${episode} ${movie.title}`);

describe('the console for series', () => {
  it('makes one, fills it, puts it in order, and deletes it', async () => {
    const { page, context, faults, house, films } = await visit();
    const [first, second, third] = films;
    await page.goto('/admin/series');
    await page.getByText('No series yet.').waitFor();
    await page.getByRole('button', { name: 'New series' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.getByText('Give it a title.').waitFor();
    await dialog.getByLabel('Title').fill('Tides');
    await dialog.getByLabel('Description').fill('A year at the coast.');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('heading', { level: 1, name: 'Tides' }).waitFor();

    for (const film of [first, second, third]) {
      await page.getByRole('searchbox', { name: 'Search for a film' }).fill(film.title);
      await page.getByRole('button', { name: `Add ${film.title}` }).click();
      await rows(page).filter({ hasText: film.title }).waitFor();
      await page
        .getByTestId('found-film')
        .filter({ hasText: film.title })
        .getByText('in the series')
        .waitFor();
    }
    expect(spots(house)).toEqual([`1.1 ${first.title}`, `1.2 ${second.title}`, `1.3 ${third.title}`]);

    await page.getByRole('button', { name: `Move ${third.title} up` }).click();
    await expect.poll(() => titles(page)).toEqual([first.title, third.title, second.title]);
    expect(await page.getByRole('button', { name: `Move ${first.title} up` }).isDisabled()).toBe(true);

    const place = page.getByRole('form', { name: `Place of ${second.title}` });
    await place.getByLabel('Episode').fill('1');
    await place.getByRole('button').click();
    await page.getByText('Another film has this place.').waitFor();
    expect(await place.getByLabel('Episode').inputValue()).toBe('1');
    await place.getByLabel('Season').fill('2');
    await place.getByRole('button').click();
    await page.getByRole('heading', { name: 'Season 2' }).waitFor();
    expect(spots(house)).toEqual([`1.1 ${first.title}`, `1.2 ${third.title}`, `2.1 ${second.title}`]);

    await page.getByRole('button', { name: `Remove from the series: ${third.title}` }).click();
    await expect.poll(() => titles(page)).toEqual([first.title, second.title]);

    await page.getByRole('link', { name: 'All series' }).click();
    await page.getByTestId('admin-series').getByText('2 seasons · 2 films').waitFor();
    await page.getByRole('button', { name: 'Edit Tides' }).click();
    await dialog.getByLabel('Title').fill('High Tides');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Delete High Tides' }).click();
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByText('No series yet.').waitFor();
    expect(house.series).toEqual([]);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('says so when a film is in another series', async () => {
    const { page, context, house, films } = await visit();
    house.holds('Tides', [[1, 1, 0]]);
    const other = house.holds('Ebbs', []);
    await page.goto(`/admin/series?series=${other.id}`);
    await page.getByText('There is no film in it yet.').waitFor();
    await page.getByRole('searchbox', { name: 'Search for a film' }).fill(films[0].title);
    await page.getByRole('button', { name: `Add ${films[0].title}` }).click();
    await page.getByText('The film is in another series.').waitFor();
    expect(await rows(page).count()).toBe(0);
    await context.close();
  });
});

describe('the console for comments', () => {
  it('shows what was reported and why, and decides about it', async () => {
    const { page, context, faults, reviews } = await visit();
    const rude = reviews.says('mo', 'Rude words', 9);
    const fair = reviews.says('ada', 'A fair word', 5);
    reviews.says('lin', 'Nobody minds this', 2);
    reviews.reports = [
      { id: rude.id, reason: 'It is rude.', username: 'zoe' },
      { id: rude.id, reason: undefined, username: 'kim' },
      { id: fair.id, reason: 'I dislike it.', username: 'mo' },
    ];
    await page.goto('/admin/comments');
    const row = (text: string) => page.getByTestId('admin-comment').filter({ hasText: text });
    await row('Rude words').waitFor();
    expect(await page.getByTestId('admin-comment').count()).toBe(2);
    await row('Rude words').getByText('2 reports').click();
    await row('Rude words').getByText('It is rude.').waitFor();
    await row('Rude words').getByText('No reason given.').waitFor();
    await page.getByRole('button', { name: 'Hide the comment of mo' }).click();
    await expect.poll(() => row('Rude words').count()).toBe(0);
    await page.getByRole('button', { name: 'Keep the comment of ada' }).click();
    await page.getByText('Nobody has reported anything.').waitFor();
    expect(reviews.reports.map(({ id }) => id)).toEqual([rude.id, rude.id]);

    await page.getByRole('radio', { name: 'Hidden' }).check({ force: true });
    await row('Rude words').getByText('Hidden').waitFor();
    await page.getByRole('button', { name: 'Show again: the comment of mo' }).click();
    await page.getByText('No comment is hidden.').waitFor();
    await page.getByRole('radio', { name: 'All' }).check({ force: true });
    await expect.poll(() => page.getByTestId('admin-comment').count()).toBe(3);
    await page.getByRole('button', { name: 'Delete the comment of mo' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
    await expect.poll(() => page.getByTestId('admin-comment').count()).toBe(2);
    expect(faults).toEqual([]);
    await context.close();
  });
});

describe.each(['dark', 'light'] as const)('in the %s theme', (colorScheme) => {
  it.each([
    ['desktop', { width: 1280, height: 860 }],
    ['phone', { width: 390, height: 844 }],
  ])('nothing serious is wrong on a %s', async (where, viewport) => {
    const { page, context, house, reviews, films } = await visit({ colorScheme, viewport });
    const series = house.holds(
      'Tides',
      [
        [1, 1, 0],
        [1, 2, 1],
        [2, 1, 2],
      ],
      'A year at the coast.',
    );
    house.holds('Ebbs', []);
    const rude = reviews.says(
      'mo',
      'Rude words, and many of them, which nobody would want to read twice.',
      9,
    );
    reviews.reports = [{ id: rude.id, reason: 'It is rude.', username: 'zoe' }];
    const look = async (name: string) => {
      expect(await seriousFaults(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBe(0);
      await shoot(page, `${colorScheme}-${where}-curating-${name}`);
    };
    await page.goto('/admin/series');
    await page.getByText('Ebbs').first().waitFor();
    await look('list');
    await page.goto(`/admin/series?series=${series.id}`);
    await page.getByRole('searchbox', { name: 'Search for a film' }).fill(films[3].title);
    await page.getByTestId('found-film').first().waitFor();
    await page.getByRole('form').first().getByLabel('Episode').fill('0');
    await page.getByRole('form').first().getByRole('button').click();
    await page.getByText('Enter whole numbers from 1 to 9999.').waitFor();
    await look('one');
    await page.goto('/admin/comments');
    await page.getByText('1 report').click();
    await page.getByText('It is rude.').waitFor();
    await look('comments');
    await context.close();
  });
});
