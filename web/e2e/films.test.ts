import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KINDS, ladderOf, makeFilm, playhouseAdmin, SECONDS, type Kind } from './films';
import { openBrowser } from './house';
import { aMember, open } from './rooms';

/** Films as people have them, published from the command line, made ready by the house, and played as HLS. */
describe('a real film', () => {
  const stamp = Date.now().toString(36);
  const title = (kind: Kind) => `${kind.name} ${stamp}`;
  let folder: string;
  let browser: Browser;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'playhouse-kinds-'));
    for (const kind of KINDS) {
      await playhouseAdmin('movie', 'publish', makeFilm(folder, kind), '--title', title(kind));
    }
    browser = await openBrowser();
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    for (const kind of KINDS) {
      await playhouseAdmin('movie', 'delete', title(kind)).catch(console.warn);
    }
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(KINDS)('plays: $name', { timeout: 180_000 }, async (kind) => {
    const quality = await ladderOf(title(kind));
    expect(quality.state).toBe('published');
    const more = (kind.languages ?? []).slice(1).map((_, index) => `audio${index + 2}`);
    expect(quality.planned).toEqual([...kind.ladder.map((lines) => `${lines}p`), ...more]);
    const made = quality.renditions.map(({ name }) => name).sort();
    expect(made).toEqual([...quality.planned, ...(kind.isSilent ? [] : ['audio'])].sort());
    expect(quality.has_sprites).toBe(true);
    expect(quality.subtitles).toHaveLength(kind.hasWords ? 1 : 0);

    const { page, context, faults, bytes } = await watch(browser, title(kind));
    await page.getByTestId('play').click();
    await expect.poll(() => read(page, 'currentTime'), { timeout: 20_000 }).toBeGreaterThan(0.4);
    if (kind.hasWords) await showWords(page);
    // As a hand does: the controls come when the mouse is moved.
    await page.getByTestId('player').hover();
    await page.getByTestId('play').click();
    await expect.poll(() => read(page, 'paused')).toBe(true);
    const other = kind.ladder.length > 1 ? await chooseOther(page) : null;
    await seek(page, 0.6);
    if (other) await expect.poll(() => linesOf(page), { timeout: 20_000 }).toBe(other);
    if (kind.languages) await hearOther(page, kind.languages, bytes);
    await page.getByTestId('play').click();
    const past = SECONDS * 0.6 + 0.4;
    await expect.poll(() => read(page, 'currentTime'), { timeout: 20_000 }).toBeGreaterThan(past);

    const [width, height] = [await read(page, 'videoWidth'), await read(page, 'videoHeight')];
    expect(Number(width) > Number(height)).toBe(!kind.isTurned);
    expect(Math.abs(Number(await read(page, 'duration')) - SECONDS)).toBeLessThan(0.2);
    expect(await decoded(page)).toEqual({ pictures: true, sound: !kind.isSilent });
    expect(bytes.some(({ path }) => path.endsWith('/master.m3u8'))).toBe(true);
    expect(bytes.filter(({ status }) => status >= 400)).toEqual([]);
    expect(faults).toEqual([]);
    await context.close();
  });
});

const read = (page: Page, field: keyof HTMLVideoElement) =>
  page
    .getByTestId('player')
    .evaluate((one: HTMLVideoElement, name) => one[name as 'currentTime'] as number | boolean, field);

/** Somebody on the page of the film, and every address of its bytes that was asked for. */
async function watch(browser: Browser, title: string) {
  // Each film has somebody of its own: an account watches only so many at a time.
  const entered = await open(browser, await aMember('viewer'), '/');
  const { page } = entered;
  const found = await page.request.get(`/api/v1/movies?limit=5&q=${encodeURIComponent(title)}`);
  const films = ((await found.json()) as { items: { id: string; title: string }[] }).items;
  const film = films.find((one) => one.title === title);
  const bytes: { path: string; status: number }[] = [];
  page.on('response', (answer) => {
    const { pathname: path } = new URL(answer.url());
    if (path.startsWith('/media/') && !path.startsWith('/media/posters/')) {
      bytes.push({ path, status: answer.status() });
    }
  });
  await page.goto(`/movies/${film?.id}`);
  await page.getByTestId('player').waitFor();
  return { ...entered, bytes };
}

/** What a quality is called by: the shorter side. */
async function linesOf(page: Page): Promise<number> {
  return Math.min(Number(await read(page, 'videoWidth')), Number(await read(page, 'videoHeight')));
}

/** Takes the quality that is not on the screen, and returns its lines. */
async function chooseOther(page: Page): Promise<number> {
  const other = (await linesOf(page)) === 360 ? 240 : 360;
  await page.getByTestId('settings-button').click();
  await page
    .getByTestId('player-settings')
    .getByRole('radio', { name: `${other}p` })
    .check();
  await page.keyboard.press('Escape');
  return other;
}

/** Takes the second language, which comes as a rendition of its own. */
async function hearOther(page: Page, [first = '', second = '']: string[], bytes: { path: string }[]) {
  await page.getByTestId('settings-button').click();
  const panel = page.getByTestId('player-settings');
  const sound = panel.getByRole('group', { name: 'Sound' });
  expect(await sound.getByRole('radio', { name: first }).isChecked()).toBe(true);
  expect(bytes.some(({ path }) => path.includes('/audio2/'))).toBe(false);
  await sound.getByRole('radio', { name: second }).check();
  await page.keyboard.press('Escape');
  await expect.poll(() => bytes.some(({ path }) => path.endsWith('/audio2/media.mp4'))).toBe(true);
}

async function showWords(page: Page) {
  await page.getByTestId('subtitles-button').click();
  await page.getByTestId('subtitles').getByText('The words of the file').waitFor();
}

/** Points at a place of the bar, looks at the small picture of it, and presses. */
async function seek(page: Page, part: number) {
  const box = await page.getByTestId('timeline').boundingBox();
  if (!box) throw new Error('The bar is not on the screen.');
  await page.mouse.move(box.x + box.width * part, box.y + box.height / 2);
  const tile = page.getByTestId('tile');
  await tile.waitFor();
  const width = await tile.evaluate(async (node) => {
    const picture = new Image();
    picture.src = getComputedStyle(node).backgroundImage.slice('url("'.length, -'")'.length);
    await picture.decode();
    return picture.naturalWidth;
  });
  // One small picture a second, all of them in a row.
  expect(width).toBeGreaterThanOrEqual((await tile.evaluate((node) => node.clientWidth)) * SECONDS);
  await page.mouse.down();
  await page.mouse.up();
  await expect.poll(() => read(page, 'currentTime')).toBeGreaterThan(SECONDS * part - 0.5);
}

/** Whether the browser has decoded pictures and sound. */
function decoded(page: Page) {
  return page.getByTestId('player').evaluate((one: HTMLVideoElement) => {
    const { webkitAudioDecodedByteCount: sound } = one as unknown as { webkitAudioDecodedByteCount: number };
    return { pictures: one.getVideoPlaybackQuality().totalVideoFrames > 0, sound: sound > 0 };
  });
}
