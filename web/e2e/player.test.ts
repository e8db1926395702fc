import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin, enter, openBrowser, shoot } from './house';
import { FilmHouse, makeLadder } from './ladder';

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

const video = (page: Page) => page.getByTestId('player');
const read = (page: Page, field: keyof HTMLVideoElement) =>
  video(page).evaluate((one: HTMLVideoElement, name) => one[name as 'currentTime'], field);
const time = (page: Page) => read(page, 'currentTime');

/** Somebody on the page of a film whose bytes are the ladder's. */
async function watch(options: Parameters<typeof enter>[1] = {}, prepare?: (house: FilmHouse) => void) {
  const { page, context, faults } = await enter(browser, options);
  const [username, password] = admin();
  await page.request.post('/api/v1/sessions', { data: { username, password } });
  const answer = await page.request.get('/api/v1/movies?limit=1');
  const film = ((await answer.json()) as { items: { id: string }[] }).items[0];
  const house = new FilmHouse(ladder.folder);
  prepare?.(house);
  await house.open(page);
  // The bytes are a minute long, whatever the film in this house is.
  await page.route(`**/api/v1/movies/${film?.id}`, async (route) => {
    const real = await route.fetch();
    await route.fulfill({ response: real, json: { ...(await real.json()), duration: 60 } });
  });
  await page.goto(`/movies/${film?.id}`);
  await video(page).waitFor();
  return { page, context, faults, house };
}

async function play(page: Page, past = 1) {
  await page.getByTestId('play').click();
  await expect.poll(() => time(page), { timeout: 20_000 }).toBeGreaterThan(past);
}

describe('the player', () => {
  it('plays, adapts, and takes the quality, speed and subtitles that are chosen, for the next film too', async () => {
    const { page, context, faults, house } = await watch();
    await play(page);
    await page.getByTestId('settings-button').click();
    const panel = page.getByTestId('player-settings');
    await panel.getByText(/^Automatic \(\d+p\)$/).waitFor();
    await panel.getByRole('radio', { name: '180p' }).check();
    await expect.poll(() => read(page, 'videoHeight'), { timeout: 20_000 }).toBe(180);
    await panel.getByRole('radio', { name: '360p' }).check();
    await expect.poll(() => read(page, 'videoHeight'), { timeout: 20_000 }).toBe(360);
    await panel.getByRole('radio', { name: '1.5×' }).check();
    expect(await read(page, 'playbackRate')).toBe(1.5);
    await panel.getByRole('radio', { name: '简体中文' }).check();
    await shoot(page, 'player-settings');
    await page.keyboard.press('Escape');
    expect(await panel.count()).toBe(0);
    await page
      .getByTestId('subtitles')
      .getByText(/大海是 \d/)
      .waitFor();

    await page.reload();
    await play(page);
    expect(await read(page, 'playbackRate')).toBe(1.5);
    await page
      .getByTestId('subtitles')
      .getByText(/大海是 \d/)
      .waitFor();
    expect(await read(page, 'videoHeight')).toBe(360);
    expect(house.asked.every(({ status }) => status === 200)).toBe(true);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('stops when it is told to, however slowly it began', async () => {
    const { page, context, faults } = await watch({}, (house) => (house.slowness = 2500));
    // The hand stays where it is: longer than the controls stay after a move.
    await play(page, 0.2);
    await page.getByTestId('play').click({ timeout: 1000 });
    await expect.poll(() => read(page, 'paused')).toBe(true);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('plays when it was told to before it could', async () => {
    const { page, context, faults, house } = await watch({}, (house) => (house.lateness = 1500));
    await page.getByTestId('play').click();
    expect(house.asked.some(({ path }) => path.endsWith('.m3u8'))).toBe(false);
    await expect.poll(() => time(page), { timeout: 10_000 }).toBeGreaterThan(0.2);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('obeys the keyboard', async () => {
    const { page, context, faults } = await watch();
    await page.locator('#main').focus();
    await page.keyboard.press('Space');
    await expect.poll(() => time(page), { timeout: 20_000 }).toBeGreaterThan(0.5);
    expect(await page.evaluate(() => window.scrollY)).toBe(0);
    await page.keyboard.press('5');
    await expect.poll(() => time(page)).toBeGreaterThanOrEqual(30);
    await page.keyboard.press('k');
    expect(await read(page, 'paused')).toBe(true);
    const at = await time(page);
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => time(page)).toBeCloseTo(at + 5, 1);
    await page.keyboard.press('j');
    await expect.poll(() => time(page)).toBeCloseTo(at - 5, 1);
    await page.keyboard.press('m');
    expect(await read(page, 'muted')).toBe(true);
    await page.keyboard.press('>');
    expect(await read(page, 'playbackRate')).toBe(1.25);
    await page.keyboard.press('<');
    await page.keyboard.press('<');
    expect(await read(page, 'playbackRate')).toBe(0.75);
    await page.keyboard.press('c');
    await page
      .getByTestId('subtitles')
      .getByText(/The sea is \d/)
      .waitFor();
    await page.keyboard.press('c');
    expect(await page.getByTestId('subtitles').count()).toBe(0);
    await page.keyboard.press('f');
    await expect.poll(() => page.evaluate(() => document.fullscreenElement !== null)).toBe(true);
    await page.keyboard.press('f');
    await expect.poll(() => page.evaluate(() => document.fullscreenElement === null)).toBe(true);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('shows pictures and chapters over the bar, and goes where it is pressed', async () => {
    const { page, context, faults } = await watch();
    await play(page, 0.3);
    const box = await page.getByTestId('timeline').boundingBox();
    if (!box) throw new Error('The bar is not on the screen.');
    await page.mouse.move(box.x + box.width * 0.75, box.y + box.height / 2);
    const tile = page.getByTestId('tile');
    await tile.waitFor();
    // 45 s is the tenth picture: the second of the third row.
    expect(await tile.evaluate((node) => node.style.backgroundPosition)).toBe('-160px -180px');
    await page.getByText('The open sea').waitFor();
    await shoot(page, 'player');
    // The picture of the whole page lays it out anew for a moment.
    await page.mouse.move(box.x + box.width * 0.75 + 1, box.y + box.height / 2);
    await tile.waitFor();
    await page.mouse.down();
    await page.mouse.up();
    await expect.poll(() => time(page)).toBeGreaterThan(44);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('goes on where the film was left, on any device', async () => {
    const { page, context } = await watch({}, (house) => (house.position = 21));
    await page.getByText('Resumed at 0:21.').waitFor();
    await play(page, 21);
    await page.getByRole('button', { name: 'Play from the start' }).click();
    await expect.poll(() => time(page)).toBeLessThan(20);
    await context.close();
  });

  it('goes on by itself when its addresses end, and says why when the house refuses', async () => {
    const { page, context, house } = await watch();
    await play(page);
    house.token = 'second';
    // Far from what is loaded already.
    await page.keyboard.press('8');
    await expect.poll(() => time(page), { timeout: 20_000 }).toBeGreaterThan(49);
    expect(house.playbacks).toBe(2);
    expect(house.asked.some(({ path, status }) => path.includes('ladder-first') && status === 403)).toBe(
      true,
    );

    house.refusal = {
      status: 429,
      json: { code: 'too_many_streams', detail: 'Three films are on already.' },
    };
    await page.keyboard.press('1');
    await page.getByRole('alert').getByText('Three films are on already.').waitFor({ timeout: 50_000 });
    await shoot(page, 'player-refused');
    house.refusal = null;
    await page
      .getByRole('region', { name: /^Player/ })
      .getByRole('button', { name: 'Try again' })
      .click();
    await page.getByTestId('play').waitFor();
    await play(page, 5);
    await context.close();
  }, 90_000);

  it('works with a finger on a phone', async () => {
    const { page, context, faults } = await watch({
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
    });
    await page.getByRole('button', { name: 'Play', exact: true }).first().tap();
    await expect.poll(() => time(page), { timeout: 20_000 }).toBeGreaterThan(0.5);
    await page.getByTestId('settings-button').tap();
    const panel = page.getByTestId('player-settings');
    await panel.waitFor();
    const box = await panel.boundingBox();
    expect(Math.round((box?.y ?? 0) + (box?.height ?? 0))).toBe(844);
    await shoot(page, 'player-phone');
    await panel.getByRole('radio', { name: 'English' }).tap();
    await video(page).tap({ position: { x: 190, y: 60 } });
    expect(await panel.count()).toBe(0);
    await page
      .getByTestId('subtitles')
      .getByText(/The sea is \d/)
      .waitFor();
    const before = await time(page);
    const right = { position: { x: 350, y: 60 } };
    await video(page).tap(right);
    await video(page).tap(right);
    await expect.poll(() => time(page)).toBeGreaterThan(before + 9);
    expect(
      await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth),
    ).toBeLessThanOrEqual(0);
    expect(faults).toEqual([]);
    await context.close();
  });
});
