import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesOf, enterDrive, entryAt, lay, names, pickFiles, row, sha256, uploaded } from './drive';
import { enter, openBrowser, shoot } from './house';

/** Somebody who keeps their files in order: each step stands on the one before. */
describe('a drive', () => {
  const film = randomBytes(700_000);
  const home = lay({ 'film.bin': film, 'a.txt': 'first', 'b.txt': 'second', 'c.txt': 'third' });
  const at = (name: string) => join(home, name);
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let faults: string[];

  beforeAll(async () => {
    browser = await openBrowser();
    ({ context, page, faults } = await enterDrive(browser, {
      permissions: ['clipboard-read', 'clipboard-write'],
    }));
  });

  afterAll(async () => {
    await browser.close();
  });

  it('is empty at first, and says what to do', async () => {
    await page.getByRole('heading', { name: 'Nothing here yet' }).waitFor();
  });

  it('takes files, and shows them at once', async () => {
    await pickFiles(page, at('film.bin'), at('a.txt'), at('b.txt'), at('c.txt'));
    await uploaded(page, 4);
    await expect.poll(() => names(page)).toEqual(['a.txt', 'b.txt', 'c.txt', 'film.bin']);
    await page.getByTestId('quota').getByText('700 kB').waitFor();
  });

  it('makes a folder, and keeps what was typed when the name is taken', async () => {
    const make = async () => {
      await page.getByRole('button', { name: 'Add' }).click();
      await page.getByRole('menuitem', { name: 'New folder' }).click();
      await page.getByLabel('Name of the folder').fill('Papers');
      await page.getByRole('button', { name: 'Create' }).click();
    };
    await make();
    await row(page, 'Papers').waitFor();
    await make();
    await page
      .getByRole('dialog')
      .getByText(/Papers already/)
      .waitFor();
    expect(await page.getByLabel('Name of the folder').inputValue()).toBe('Papers');
    await page.keyboard.press('Escape');
    expect((await names(page))[0]).toBe('Papers');
  });

  it('selects by keyboard', async () => {
    const selected = () => page.locator('[aria-selected=true] .name').allTextContents();
    await row(page, 'a.txt').click();
    await page.keyboard.press('Shift+ArrowDown');
    expect(await selected()).toEqual(['a.txt', 'b.txt']);
    await page.keyboard.press('Control+ArrowDown');
    await page.keyboard.press('Control+ArrowDown');
    await page.keyboard.press('Space');
    expect(await selected()).toEqual(['a.txt', 'b.txt', 'film.bin']);
    await page.keyboard.press('Control+a');
    expect(await selected()).toHaveLength(5);
    await page.getByText('5 selected').waitFor();
    await page.keyboard.press('Escape');
    expect(await selected()).toEqual([]);
    await page.keyboard.press('Home');
    expect(await selected()).toEqual(['Papers']);
  });

  it('selects with a rubber band', async () => {
    await page.keyboard.press('Escape');
    const first = await row(page, 'a.txt').boundingBox();
    const last = await row(page, 'c.txt').boundingBox();
    if (!first || !last) throw new Error('no rows');
    const x = first.x + first.width * 0.62;
    await page.mouse.move(x, first.y + 20);
    await page.mouse.down();
    await page.mouse.move(x + 60, last.y + 20, { steps: 5 });
    await page.mouse.up();
    expect(await page.locator('[aria-selected=true] .name').allTextContents()).toEqual([
      'a.txt',
      'b.txt',
      'c.txt',
    ]);
  });

  it('renames in place, says what the house refuses, and undoes', async () => {
    await row(page, 'a.txt').click();
    await page.keyboard.press('F2');
    const box = page.getByLabel('New name of a.txt');
    await box.fill('b.txt');
    await box.press('Enter');
    await page
      .getByRole('alert')
      .getByText(/b\.txt already/)
      .waitFor();
    await box.fill('minutes.txt');
    await box.press('Enter');
    await row(page, 'minutes.txt').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await row(page, 'a.txt').waitFor();
    expect(await row(page, 'minutes.txt').count()).toBe(0);
  });

  it('moves by a tree of folders, and undoes', async () => {
    await row(page, 'a.txt').click();
    await row(page, 'b.txt').click({ modifiers: ['Control'] });
    await page.getByTestId('selection-bar').getByRole('button', { name: 'Move', exact: true }).click();
    await page.getByRole('treeitem', { name: 'Papers' }).click();
    await page.getByRole('button', { name: 'Move to “Papers”' }).click();
    await expect.poll(() => names(page)).toEqual(['Papers', 'c.txt', 'film.bin']);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => names(page)).toEqual(['Papers', 'a.txt', 'b.txt', 'c.txt', 'film.bin']);
  });

  it('moves by dragging onto a folder, and back onto the path', async () => {
    await row(page, 'c.txt').locator('[data-grab]').dragTo(row(page, 'Papers'));
    await expect.poll(() => row(page, 'c.txt').count()).toBe(0);
    await row(page, 'Papers').dblclick();
    await page.getByRole('heading', { level: 1, name: 'Papers' }).waitFor();
    await expect.poll(() => names(page)).toEqual(['c.txt']);
    const root = page
      .getByRole('navigation', { name: 'Where you are' })
      .getByRole('link', { name: 'My drive' });
    await row(page, 'c.txt').locator('[data-grab]').dragTo(root);
    await page.getByRole('heading', { name: 'Nothing here yet' }).waitFor();
    await page.goBack();
    await row(page, 'c.txt').waitFor();
  });

  it('copies, and asks when the name is taken', async () => {
    const copy = async () => {
      await row(page, 'a.txt').click();
      await page.getByTestId('selection-bar').getByRole('button', { name: 'Copy', exact: true }).click();
      await page.getByRole('treeitem', { name: 'Papers' }).click();
      await page.getByRole('button', { name: 'Copy to “Papers”' }).click();
    };
    await copy();
    await page.getByText('“a.txt” copied to “Papers”.').waitFor();
    await copy();
    await page.getByRole('dialog', { name: 'The name is taken' }).waitFor();
    await shoot(page, 'drive-taken');
    await page.getByRole('button', { name: 'Keep both' }).click();
    await row(page, 'Papers').dblclick();
    await expect.poll(() => names(page)).toEqual(['a (2).txt', 'a.txt']);
    await page.goBack();
  });

  it('finds by name anywhere, and orders by size', async () => {
    await page.getByRole('searchbox', { name: 'Search the drive' }).fill('a (2)');
    await expect.poll(() => names(page)).toEqual(['a (2).txt']);
    await page.getByText('/Papers').waitFor();
    await page.getByRole('button', { name: 'Clear the search' }).last().click();
    await page.getByRole('button', { name: 'Size' }).click();
    await expect.poll(() => names(page).then(([first]) => first)).toBe('film.bin');
    await page.waitForURL('**/drive?sort=size');
    await page.goto('/drive');
    await row(page, 'film.bin').waitFor();
  });

  it('gives back the very bytes, and shows their hashes', async () => {
    const started = page.waitForEvent('download');
    await row(page, 'film.bin').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Download' }).click();
    expect(sha256(await bytesOf(started))).toBe(sha256(film));
    await row(page, 'film.bin').click();
    await page.getByTestId('selection-bar').getByRole('button', { name: 'Details' }).click();
    await page.getByTestId('facts').getByText(sha256(film)).waitFor({ timeout: 15_000 });
    const { blake3 } = await entryAt(page, '/film.bin');
    await page.getByTestId('facts').getByText(blake3).waitFor();
    await page.keyboard.press('Escape');
  });

  it('gives a folder as an archive', async () => {
    const started = page.waitForEvent('download');
    await row(page, 'Papers').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Download as zip' }).click();
    const archive = await bytesOf(started);
    expect(archive.subarray(0, 2).toString()).toBe('PK');
    expect(archive.includes(Buffer.from('a (2).txt'))).toBe(true);
  });

  it('shows a text as letters, and walks on with the arrow keys', async () => {
    await row(page, 'a.txt').dblclick();
    const viewer = page.getByTestId('viewer');
    await viewer.getByText('first').waitFor();
    await page.keyboard.press('ArrowRight');
    await viewer.getByText('second').waitFor();
    await page.reload();
    await viewer.getByText('second').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => viewer.count()).toBe(0);
  });

  it('keeps what was replaced as a version, and brings it back', async () => {
    const other = lay({ 'a.txt': 'first, again' });
    await pickFiles(page, join(other, 'a.txt'));
    const dialog = page.getByRole('dialog', { name: 'The name is taken' });
    await dialog.getByText('Replace', { exact: true }).click();
    await dialog.getByRole('button', { name: 'Replace' }).click();
    await uploaded(page, 1);
    await row(page, 'a.txt').click();
    await page.getByTestId('selection-bar').getByRole('button', { name: 'Details' }).click();
    await page.getByTestId('versions').getByRole('button', { name: 'Restore' }).click();
    await page.getByText('The version is back').waitFor();
    await page.keyboard.press('Escape');
    expect((await entryAt(page, '/a.txt')).sha256).toBe(sha256(Buffer.from('first')));
  });

  it('shares by a link with a password that works once, and takes it back', async () => {
    await row(page, 'film.bin').click();
    await page.getByTestId('selection-bar').getByRole('button', { name: 'Share', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Share “film.bin”' });
    await dialog.getByLabel('Downloads at most').fill('none');
    await dialog.getByRole('button', { name: 'Create link' }).click();
    await dialog.getByText('A whole number from 1.').waitFor();
    await dialog.getByLabel('Downloads at most').fill('1');
    await dialog.locator('input[name=password]').fill('open sesame');
    await dialog.getByLabel('Expires').selectOption('week');
    await dialog.getByRole('button', { name: 'Create link' }).click();
    await dialog.getByText('0 of 1 downloads').waitFor();
    await dialog.getByRole('button', { name: 'Copy link' }).click();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    expect(link).toMatch(/^http.*\/s\//);
    await shoot(page, 'drive-share');
    await page.keyboard.press('Escape');

    const stranger = await enter(browser);
    await stranger.page.goto(link);
    await stranger.page.getByLabel(/password/i).fill('open sesame');
    await stranger.page.getByRole('button').first().click();
    const started = stranger.page.waitForEvent('download');
    await stranger.page
      .getByRole('link', { name: /download|save/i })
      .first()
      .click();
    expect(sha256(await bytesOf(started))).toBe(sha256(film));

    await page.getByRole('link', { name: 'Shared links' }).click();
    const share = page.getByTestId('share').filter({ hasText: 'film.bin' });
    await share.getByText('1 of 1 downloads').waitFor();
    await share.getByText('Used up').waitFor();
    await share.getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('heading', { name: 'Nothing is shared' }).waitFor();
    expect((await stranger.page.goto(link))?.status()).toBe(404);
    await stranger.context.close();
  });

  it('throws away, undoes, restores, and empties the trash', async () => {
    await page.goto('/drive');
    await row(page, 'b.txt').click();
    await page.keyboard.press('Delete');
    await expect.poll(() => row(page, 'b.txt').count()).toBe(0);
    await page.getByRole('button', { name: 'Undo' }).click();
    await row(page, 'b.txt').waitFor();

    await row(page, 'b.txt').click();
    await row(page, 'c.txt').click({ modifiers: ['Shift'] });
    await page.keyboard.press('Delete');
    await page.getByText('2 items moved to the trash.').waitFor();
    await page.getByRole('link', { name: 'Trash' }).click();
    await row(page, 'b.txt').click();
    await shoot(page, 'drive-trash');
    await page.getByTestId('selection-bar').getByRole('button', { name: 'Restore' }).click();
    await expect.poll(() => names(page)).toEqual(['c.txt']);
    await page.getByRole('button', { name: 'Empty the trash' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Empty the trash' }).click();
    await page.getByRole('heading', { name: 'The trash is empty' }).waitFor();
    await page.goto('/drive');
    await expect.poll(() => names(page)).toEqual(['Papers', 'a.txt', 'b.txt', 'film.bin']);
    await shoot(page, 'drive');
  });

  it('says when a folder is not there', async () => {
    await page.goto('/drive/01a1fe4e-0000-7000-8000-000000000000');
    await page.getByRole('heading', { name: 'No such folder' }).waitFor();
  });

  it('met no fault in the browser', async () => {
    expect(faults).toEqual([]);
    await context.close();
  });
});
