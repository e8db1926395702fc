import type { Browser, Page, Route } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seriousFaults } from './axe';
import { admin, enter, openBrowser, shoot } from './house';

let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
});

afterAll(async () => {
  await browser.close();
});

/** The smallest picture there is, as large as is asked for. */
const picture = (bytes = 120) => ({ name: 'own.png', mimeType: 'image/png', buffer: Buffer.alloc(bytes, 7) });

/** What a house keeps of the pictures of a film, answered as its API says. */
class PosterHouse {
  chosen = 'b';
  uploaded = 0;
  received = 0;
  frames = ['a', 'b', 'c', 'd', 'e'];
  refusal: { status: number; json: object } | null = null;
  readonly urls: string[];

  constructor(urls: string[]) {
    this.urls = urls;
  }

  async open(page: Page): Promise<void> {
    await page.route('**/api/v1/admin/movies/*/posters', (route) => route.fulfill({ json: this.#list() }));
    await page.route('**/api/v1/admin/movies/*/poster', (route) => this.#change(route));
  }

  #list() {
    const ids = this.uploaded ? [...this.frames, `own-${this.uploaded}`] : this.frames;
    return {
      posters: ids.map((id, index) => ({
        id,
        url: this.urls[index % this.urls.length],
        chosen: id === this.chosen,
        at: id.startsWith('own') ? null : index * 65,
      })),
    };
  }

  #change(route: Route) {
    if (this.refusal) return route.fulfill(this.refusal);
    if (route.request().method() === 'PUT') {
      this.chosen = (route.request().postDataJSON() as { id: string }).id;
      return route.fulfill({ json: this.#list() });
    }
    this.received = route.request().postDataBuffer()?.length ?? 0;
    this.uploaded += 1;
    this.chosen = `own-${this.uploaded}`;
    return route.fulfill({ status: 201, json: this.#list() });
  }
}

async function visit(options: Parameters<typeof enter>[1] = {}, prepare?: (house: PosterHouse) => void) {
  const { page, context, faults } = await enter(browser, options);
  const [username, password] = admin();
  await page.request.post('/api/v1/sessions', { data: { username, password } });
  const answer = await page.request.get('/api/v1/movies?limit=20');
  const films = ((await answer.json()) as { items: { poster_url: string | null }[] }).items;
  const house = new PosterHouse(films.flatMap(({ poster_url }) => poster_url ?? []));
  prepare?.(house);
  await house.open(page);
  await page.goto('/admin/movies');
  const row = page.getByTestId('admin-film').first();
  await row.getByRole('button', { name: /^Edit/ }).click();
  const posters = page.getByTestId('posters');
  await posters.waitFor();
  return { page, context, faults, house, row, posters };
}

describe('the poster of a film', () => {
  it('is one of its moments, chosen by pointer and keyboard', async () => {
    const { page, context, faults, house, row, posters } = await visit();
    await posters.getByRole('radio').first().waitFor();
    expect(await posters.getByRole('radio', { name: 'The film at 1:05' }).isChecked()).toBe(true);
    await posters.getByRole('radio', { name: 'The film at 2:10' }).check({ force: true });
    await page.getByText('The film has a new poster.').first().waitFor();
    expect(house.chosen).toBe('c');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => house.chosen).toBe('d');
    await expect.poll(() => row.locator('img').getAttribute('src')).toBe(house.urls[3 % house.urls.length]);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('is a picture of one’s own, unless it is too large or none', async () => {
    const { page, context, faults, house, posters } = await visit({}, (one) => (one.frames = []));
    await posters.getByText('The film has offered no pictures yet.').waitFor();
    const input = posters.locator('input[type=file]');
    await input.setInputFiles(picture(10 * 1024 * 1024 + 1));
    await posters.getByText(/at most 10 MiB are taken/).waitFor();
    expect(house.uploaded).toBe(0);
    house.refusal = {
      status: 422,
      json: {
        code: 'validation',
        title: 'Invalid',
        errors: [{ field: 'body', code: 'picture', detail: 'This is no picture.' }],
      },
    };
    await input.setInputFiles(picture());
    await posters.getByText('This is no picture.').waitFor();
    house.refusal = null;
    await input.setInputFiles(picture(4321));
    await posters.getByRole('radio', { name: 'A picture of your own' }).waitFor();
    expect(await posters.getByRole('radio', { name: 'A picture of your own' }).isChecked()).toBe(true);
    expect(house.received).toBe(4321);
    expect(await page.getByText('This is no picture.').count()).toBe(0);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('stays what it was when the house refuses', async () => {
    const { page, context, house, posters } = await visit();
    await posters.getByRole('radio').first().waitFor();
    house.refusal = { status: 404, json: { code: 'not_found', detail: 'The picture is gone.' } };
    await posters
      .getByRole('radio', { name: 'The film at 0:00' })
      .check({ force: true })
      .catch(() => undefined);
    await posters.getByText('The picture is gone.').waitFor();
    await expect.poll(() => posters.getByRole('radio', { name: 'The film at 1:05' }).isChecked()).toBe(true);
    expect(await page.getByText('The film has a new poster.').count()).toBe(0);
    await context.close();
  });
});

describe.each(['dark', 'light'] as const)('in the %s theme', (colorScheme) => {
  it.each([
    ['desktop', { width: 1280, height: 860 }],
    ['phone', { width: 390, height: 844 }],
  ])('nothing serious is wrong on a %s', async (where, viewport) => {
    const { page, context, posters } = await visit({ colorScheme, viewport });
    await posters.getByRole('radio').first().waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBe(0);
    await shoot(page, `${colorScheme}-${where}-posters`);
    await context.close();
  });
});
