import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Browser, Download, Locator, Page } from 'playwright-core';
import { enter, HOUSE, signIn } from './house';

export interface Entry {
  id: string;
  name: string;
  path: string;
  size: number;
  blake3: string;
  sha256: string | null;
}

/** A new member with an empty drive, looking at it. */
export async function enterDrive(browser: Browser, options: Parameters<typeof enter>[1] = {}) {
  const username = `drive_${Date.now().toString(36)}_${randomBytes(2).toString('hex')}`;
  const password = 'a shelf of my own';
  const answer = await fetch(`${HOUSE}/api/v1/accounts`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ username, password }),
  });
  if (!answer.ok) throw new Error(`sign-up: ${answer.status} ${await answer.text()}`);
  const visit = await enter(browser, options);
  await signIn(visit.page, username, password);
  await visit.page.goto('/drive');
  await visit.page.getByRole('button', { name: 'Add' }).waitFor();
  return visit;
}

const laid: string[] = [];
process.on('exit', () => laid.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** Files on this computer: name -> content, until the tests end. Answers the folder they are in. */
export function lay(files: Record<string, Buffer | string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'playhouse-e2e-'));
  laid.push(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

export function row(page: Page, name: string): Locator {
  return page.getByTestId('entries').locator('[data-index]').filter({ hasText: name });
}

export function names(page: Page): Promise<string[]> {
  return page.getByTestId('entries').locator('[data-index] .name').allTextContents();
}

export async function pickFiles(page: Page, ...paths: string[]): Promise<void> {
  await page.getByTestId('file-picker').setInputFiles(paths);
}

/** Waits until nothing is under way, and clears the tray. */
export async function uploaded(page: Page, count: number): Promise<void> {
  const words = count === 1 ? '1 file uploaded' : `${count} files uploaded`;
  await page.getByTestId('upload-tray').getByText(words).waitFor({ timeout: 40_000 });
  await page.getByRole('button', { name: 'Clear finished' }).first().click();
}

/** How fast this page may send, in bytes a second; 0 is as fast as it can. */
export async function limitUploads(page: Page, bytesPerSecond: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: bytesPerSecond || -1,
  });
}

/** What the house knows of a path, once it has computed the hashes. */
export async function entryAt(page: Page, path: string): Promise<Entry> {
  for (let turn = 0; turn < 100; turn += 1) {
    const entry = await page.evaluate(async (wanted) => {
      const answer = await fetch(`/api/v1/drive/entry?path=${encodeURIComponent(wanted)}`);
      return answer.ok ? ((await answer.json()) as Entry) : null;
    }, path);
    if (entry?.sha256) return entry;
    await page.waitForTimeout(200);
  }
  throw new Error(`No hashes of ${path}.`);
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export async function bytesOf(download: Promise<Download>): Promise<Buffer> {
  return readFileSync(await (await download).path());
}
