import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enterDrive, entryAt, lay, limitUploads, names, pickFiles, row, sha256, uploaded } from './drive';
import { openBrowser, shoot } from './house';
import { restart } from './rooms';

/** What goes into a drive, also over a bad line. */
describe('uploads', () => {
  const big = randomBytes(12_000_000);
  const home = lay({
    'big.bin': big,
    'Album/one.txt': 'one',
    'Album/Inner/two.txt': 'two',
    'Album/Inner/Deep/three.txt': 'three',
  });
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let faults: string[];

  beforeAll(async () => {
    browser = await openBrowser();
    ({ context, page, faults } = await enterDrive(browser));
  });

  afterAll(async () => {
    await browser.close();
  });

  it('take a whole folder with what is below it', async () => {
    await page.getByTestId('folder-picker').setInputFiles(join(home, 'Album'));
    await uploaded(page, 3);
    await row(page, 'Album').dblclick();
    await expect.poll(() => names(page)).toEqual(['Inner', 'one.txt']);
    const deep = await entryAt(page, '/Album/Inner/Deep/three.txt');
    expect(deep.sha256).toBe(sha256(Buffer.from('three')));
    await page.goto('/drive');
    await row(page, 'Album').waitFor();
  });

  it('take what is dropped on the page, and on a folder', async () => {
    const drop = async (name: string, target: string) => {
      const data = await page.evaluateHandle((named) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([named], named));
        return transfer;
      }, name);
      await page.dispatchEvent(target, 'dragover', { dataTransfer: data });
      await page.dispatchEvent(target, 'drop', { dataTransfer: data });
    };
    await drop('dropped.txt', 'main');
    await uploaded(page, 1);
    await row(page, 'dropped.txt').waitFor();
    await drop('inside.txt', '[data-index="0"]');
    await uploaded(page, 1);
    expect((await entryAt(page, '/Album/inside.txt')).size).toBe('inside.txt'.length);
    expect(await row(page, 'inside.txt').count()).toBe(0);
  });

  it('ask once for many names that are taken', async () => {
    await page.getByTestId('folder-picker').setInputFiles(join(home, 'Album'));
    const dialog = page.getByRole('dialog', { name: 'The name is taken' });
    await dialog.getByLabel('Do this for all that follow').check();
    await dialog.getByRole('button', { name: 'Keep both' }).click();
    await uploaded(page, 3);
    await row(page, 'Album').dblclick();
    await expect.poll(() => names(page)).toEqual(['Inner', 'inside.txt', 'one (2).txt', 'one.txt']);
    await page.goto('/drive');
  });

  it('pause and go on without sending anything twice', async () => {
    await limitUploads(page, 2_000_000);
    const offsets: number[] = [];
    page.on('request', (request) => {
      if (request.method() === 'PATCH' && request.url().includes('/uploads/'))
        offsets.push(Number(request.headers()['upload-offset']));
    });
    await pickFiles(page, join(home, 'big.bin'));
    const upload = page.getByTestId('upload');
    await upload.getByText(/^[2-9](\.\d+)? MB of 12 MB$/).waitFor();
    await page.getByRole('button', { name: 'Pause big.bin' }).click();
    await upload.getByText('Paused').waitFor();
    await shoot(page, 'drive-paused');
    await page.waitForTimeout(500);
    await page.getByRole('button', { name: 'Resume big.bin' }).click();
    await uploaded(page, 1);
    expect(offsets[0]).toBe(0);
    expect(offsets.at(-1)).toBeGreaterThan(1_000_000);
    expect((await entryAt(page, '/big.bin')).sha256).toBe(sha256(big));
  });

  it('go on after the page was loaded anew, with the same file', async () => {
    const again = lay({ 'again.bin': big, 'other.bin': 'x' });
    await limitUploads(page, 2_000_000);
    await pickFiles(page, join(again, 'again.bin'));
    await page
      .getByTestId('upload')
      .getByText(/^[2-9](\.\d+)? MB of 12 MB$/)
      .waitFor();
    await page.reload();
    const lost = page.locator('[data-testid=upload][data-state=lost]');
    await lost.getByText('again.bin').waitFor();
    await shoot(page, 'drive-lost');
    await lost.locator('input[type=file]').setInputFiles(join(again, 'other.bin'));
    await page.getByText(/^That is a different file/).waitFor();
    const patched = page.waitForRequest((request) => request.method() === 'PATCH');
    await lost.locator('input[type=file]').setInputFiles(join(again, 'again.bin'));
    expect(Number((await patched).headers()['upload-offset'])).toBeGreaterThan(1_000_000);
    await uploaded(page, 1);
    expect((await entryAt(page, '/again.bin')).sha256).toBe(sha256(big));
  });

  it('cancel, and leave nothing behind', async () => {
    await limitUploads(page, 1_000_000);
    const ended = page.waitForResponse((answer) => answer.request().method() === 'DELETE');
    const third = lay({ 'third.bin': big });
    await pickFiles(page, join(third, 'third.bin'));
    await page
      .getByTestId('upload')
      .getByText(/^[1-9](\.\d+)? MB of 12 MB$/)
      .waitFor();
    await page.getByRole('button', { name: 'Cancel third.bin' }).click();
    expect((await ended).status()).toBe(204);
    await page.reload();
    await row(page, 'again.bin').waitFor();
    expect(await page.getByTestId('upload').count()).toBe(0);
    expect(await row(page, 'third.bin').count()).toBe(0);
    await limitUploads(page, 0);
  });

  it('try again by themselves when the line comes back', async () => {
    const late = lay({ 'late.bin': randomBytes(2_000_000) });
    await page.route('**/api/v1/uploads**', (route) => route.abort());
    await pickFiles(page, join(late, 'late.bin'));
    await page.getByText(/Trying again in/).waitFor();
    await page.unroute('**/api/v1/uploads**');
    await uploaded(page, 1);
    await row(page, 'late.bin').waitFor();
  });

  it('met no fault in the browser', async () => {
    expect(faults.filter((text) => !/ERR_FAILED/.test(text))).toEqual([]);
    await context.close();
  });
});

/** Proof of what is promised: a large file, and the house stopped in the middle of it. */
it('an upload of 200 MB goes on after a restart of the house, byte for byte', async () => {
  const piece = 10_000_000;
  const home = lay({ 'large.bin': '' });
  const path = join(home, 'large.bin');
  const hash = createHash('sha256');
  for (let index = 0; index < 20; index += 1) {
    const bytes = randomBytes(piece);
    hash.update(bytes);
    appendFileSync(path, bytes);
  }
  const browser = await openBrowser();
  const { page } = await enterDrive(browser);
  const offsets: number[] = [];
  page.on('request', (request) => {
    if (request.method() === 'PATCH') offsets.push(Number(request.headers()['upload-offset']));
  });
  await limitUploads(page, 16_000_000);
  await pickFiles(page, path);
  await page
    .getByTestId('upload')
    .getByText(/^\d{2,3}(\.\d+)? MB of 200 MB$/)
    .waitFor();
  await restart(2);
  await limitUploads(page, 0);
  await page.getByTestId('upload-tray').getByText('1 file uploaded').waitFor({ timeout: 90_000 });
  expect(offsets[0]).toBe(0);
  expect(offsets.at(-1)).toBeGreaterThan(piece);
  expect((await entryAt(page, '/large.bin')).sha256).toBe(hash.digest('hex'));
  await browser.close();
}, 240_000);
