import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin, asAdmin, enter, openBrowser, shoot, signIn } from './house';

/** A film that nobody has published before: its sound says when it was made. */
function makeFilm(folder: string, name: string): string {
  const file = join(folder, name);
  const noise = `sine=frequency=${200 + Math.floor(Math.random() * 4000)}`;
  const input = ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=24', '-f', 'lavfi', '-i', noise];
  const output = ['-t', '4', '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];
  const stamp = ['-metadata', `comment=${Date.now()} ${Math.random()}`];
  execFileSync('ffmpeg', ['-loglevel', 'error', ...input, ...output, ...stamp, '-y', file]);
  return file;
}

describe('an admin', () => {
  const stamp = Date.now().toString(36);
  const member = `seat_${stamp}`;
  const password = 'a seat in row nine';
  let folder: string;
  let browser: Browser;
  let page: Page;
  let faults: string[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'playhouse-films-'));
    browser = await openBrowser();
    ({ page, faults } = await enter(browser));
    await signIn(page, ...admin());
  });

  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await browser.close();
  });

  const films = () => page.getByTestId('admin-film');
  const toast = (text: string | RegExp) => page.getByText(text).first().waitFor();

  it('finds the console in the account menu, and sees the house in figures', async () => {
    await page.getByTestId('account-menu').click();
    await page.getByRole('link', { name: 'Run the house' }).click();
    await page.waitForURL('**/admin');
    await page.getByTestId('figures').waitFor();
    await page.getByTestId('live').getByText(/\/ s/).first().waitFor();
    await page
      .getByTestId('now')
      .getByText(/^[1-9]\d* accounts? here now$/)
      .waitFor();
    expect(await page.getByTestId('minutes').getByRole('row').count()).toBe(16);
    await shoot(page, 'admin-overview');
  });

  it('publishes two films at once, with a price', async () => {
    const files = ['first', 'second'].map((name) => makeFilm(folder, `${name}_${stamp}.mp4`));
    await page.getByRole('link', { name: 'Films', exact: true }).last().click();
    await page.getByTestId('film-files').setInputFiles(files);
    await page.getByLabel(`Title of second_${stamp}.mp4`).fill(`Sequel ${stamp}`);
    await page.getByLabel('Price (EUR)').fill('four');
    await page.getByRole('button', { name: 'Publish 2 films' }).click();
    await toast('Enter an amount such as 4.90');
    await page.getByLabel('Price (EUR)').fill('4.90');
    await page.getByLabel('Tags').fill('own, new');
    await page.getByRole('button', { name: 'Publish 2 films' }).click();
    await page.locator('[data-phase=done]').nth(1).waitFor();
    await films()
      .filter({ hasText: `Sequel ${stamp}` })
      .getByText('€4.90')
      .waitFor();
    await shoot(page, 'admin-films');
  });

  it('is told before a byte is sent that a film is here', async () => {
    await page.getByRole('button', { name: 'Clear the finished ones' }).click();
    const file = join(folder, `first_${stamp}.mp4`);
    const uploads: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/api/v1/uploads')) uploads.push(request.method());
    });
    const buffer = readFileSync(file);
    await page.getByTestId('film-files').setInputFiles({ name: 'again.mp4', mimeType: 'video/mp4', buffer });
    await page.getByRole('button', { name: 'Publish 1 film' }).click();
    await page.locator('[data-phase=known]').waitFor();
    await page.getByText('Already in the house').waitFor();
    expect(uploads).toEqual([]);
  });

  it('edits a film and shows it later', async () => {
    await page.getByRole('button', { name: `Edit Sequel ${stamp}` }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Description').fill('It goes on.');
    await dialog.getByLabel('Shown from').fill('2199-01-01T20:00');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await films()
      .filter({ hasText: `Sequel ${stamp}` })
      .getByText(/from 1 Jan 2199/)
      .waitFor();
  });

  it('puts a film into the trash, takes it back, and deletes it for good', async () => {
    const inTrash = async () => {
      await page.getByRole('button', { name: `Move to trash: Sequel ${stamp}` }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Move to trash' }).click();
      await toast(`“Sequel ${stamp}” is in the trash.`);
    };
    await inTrash();
    await page.getByRole('radio', { name: 'Trash' }).check();
    await page.getByRole('button', { name: `Restore Sequel ${stamp}` }).click();
    await toast(`“Sequel ${stamp}” is back.`);
    await page.getByRole('radio', { name: 'All', exact: true }).check();
    await inTrash();
    await page.getByRole('radio', { name: 'Trash' }).check();
    await page.getByRole('button', { name: `Delete for good: Sequel ${stamp}` }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete for good' }).click();
    await toast('is gone for good');
    expect(
      await films()
        .filter({ hasText: `Sequel ${stamp}` })
        .count(),
    ).toBe(0);
  });

  it('writes a notice and sees it as it will be, without running what is in it', async () => {
    const console = page.getByRole('navigation', { name: 'Console' });
    await console.getByRole('link', { name: 'Notices' }).click();
    await page.getByRole('button', { name: 'Write a notice' }).click();
    await page.getByLabel('Title').fill(`Closed on Monday ${stamp}`);
    await page
      .getByLabel('Text')
      .fill('We **rest**.\n\n<img src=x onerror="window.hacked=1"> [bad](javascript:alert(1))\n\n- one');
    const preview = page.getByTestId('preview');
    await preview.locator('strong', { hasText: 'rest' }).waitFor();
    expect(await preview.locator('img').count()).toBe(0);
    expect(await preview.locator('a').count()).toBe(0);
    await shoot(page, 'admin-notice');
    await page.getByRole('button', { name: 'Publish', exact: true }).click();
    const notice = page.getByTestId('admin-notice').filter({ hasText: `Closed on Monday ${stamp}` });
    await notice.getByRole('button', { name: /^Pin/ }).click();
    await notice.getByText('Pinned').waitFor();
    await notice.getByRole('button', { name: /^Edit/ }).click();
    await page.getByLabel('Title').fill(`Closed on Tuesday ${stamp}`);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: `Delete Closed on Tuesday ${stamp}` }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await toast('The notice is gone.');
  });

  it('helps a member: money, VIP, a lock and its end', async () => {
    const body = { username: member, password };
    const made = await page.request.post('/api/v1/accounts', { data: body });
    expect(made.status()).toBe(201);
    await page.getByRole('link', { name: 'Accounts' }).click();
    await page.getByRole('searchbox', { name: 'Search accounts' }).fill(member);
    const row = page.getByTestId('admin-account');
    await expect.poll(() => row.count()).toBe(1);
    await row.getByRole('button').click();
    const desk = page.getByRole('dialog');
    await desk.getByLabel('Amount (EUR)').fill('12.50');
    await desk.getByLabel('Note for the ledger').fill('for the trouble');
    await desk.getByRole('button', { name: 'Book' }).click();
    await desk.getByTestId('account-balance').getByText('€12.50').waitFor();
    await desk.getByRole('button', { name: 'Add 30 days' }).click();
    await desk.getByText(/^Until /).waitFor();
    await desk.getByRole('button', { name: 'Lock', exact: true }).click();
    await desk.getByText('Locked: cannot sign in').waitFor();
    const refused = await fetch(new URL('/api/v1/sessions', page.url()), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(refused.status).toBe(403);
    await desk.getByRole('button', { name: 'Unlock' }).click();
    await desk.getByText('May sign in').waitFor();
    await desk.getByText('Not signed in anywhere.').waitFor();
    const opened = await fetch(new URL('/api/v1/sessions', page.url()), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ ...body, device: 'A kitchen radio' }),
    });
    const { token } = (await opened.json()) as { token: string };
    await desk.getByRole('button', { name: 'Close' }).click();
    await row.getByRole('button').click();
    await desk.getByTestId('account-sessions').getByText('A kitchen radio', { exact: true }).waitFor();
    await shoot(page, 'admin-account');
    await desk.getByRole('button', { name: /^Sign out.*A kitchen radio$/ }).click();
    await desk.getByText('Not signed in anywhere.').waitFor();
    const me = await fetch(new URL('/api/v1/me', page.url()), {
      headers: { Authorization: `Bearer ${token}` },
    });
    expect(me.status).toBe(401);
    await desk.getByRole('button', { name: 'Close' }).click();
  });

  it('makes vouchers, whose codes are shown once', async () => {
    await page.getByRole('link', { name: 'Vouchers' }).click();
    await page.getByLabel('Value of each (EUR)').fill('5');
    await page.getByLabel('How many').fill('3');
    await page.getByRole('button', { name: 'Create vouchers' }).click();
    const codes = (await page.getByTestId('secret').innerText()).trim().split('\n');
    expect(new Set(codes).size).toBe(3);
    await page.getByRole('button', { name: 'Create more' }).click();
    expect(await page.getByTestId('secret').count()).toBe(0);
  });

  it('sees what became of vouchers, and takes one back', async () => {
    const { codes } = await asAdmin<{ codes: string[] }>('/admin/vouchers', { amount: 1234, count: 1 });
    await page.goto('/admin/vouchers?state=open');
    const mine = page.getByTestId('admin-voucher').filter({ hasText: '€12.34' }).first();
    await mine.getByText('Never expires').waitFor();
    await mine.getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await toast('The voucher is revoked.');
    const body = { username: member, password };
    const signedIn = await fetch(new URL('/api/v1/sessions', page.url()), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    const { token } = (await signedIn.json()) as { token: string };
    const refused = await fetch(new URL('/api/v1/me/vouchers', page.url()), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
      body: JSON.stringify({ code: codes[0] }),
    });
    expect(refused.ok).toBe(false);
    await page.getByRole('radio', { name: 'All' }).check();
    await page.getByTestId('admin-voucher').first().waitFor();
    await shoot(page, 'admin-vouchers');
  });

  it('reads the settings in force, and where each comes from', async () => {
    await page.goto('/admin/settings');
    const settings = page.getByTestId('setting');
    await settings.filter({ hasText: 'data_dir' }).getByText('command line').waitFor();
    const all = await settings.count();
    await page.getByRole('radio', { name: 'Changed' }).check();
    await expect.poll(() => settings.count()).toBeLessThan(all);
    await page.getByRole('radio', { name: 'All' }).check();
    await page.getByRole('searchbox', { name: 'Search settings' }).fill('quota');
    await expect.poll(() => settings.count()).toBeLessThan(6);
    await settings.filter({ hasText: 'drive.quota_bytes' }).getByText('5.37 GB').waitFor();
    await shoot(page, 'admin-settings');
  });

  it('reads what was done, what is being done, and how the house is', async () => {
    await page.getByRole('link', { name: 'Audit log' }).click();
    await page.getByTestId('audit-entry').first().waitFor();
    await page.getByTestId('audit-entry').filter({ hasText: 'Vouchers created' }).first().click();
    await page.getByLabel('Action').selectOption('account.credit');
    await page.getByTestId('audit-entry').first().getByText('Wallet credited').waitFor();
    await page.getByRole('link', { name: 'Jobs' }).click();
    await page.getByTestId('admin-job').first().waitFor();
    await page.getByRole('link', { name: 'Health' }).click();
    await page.getByTestId('version').waitFor();
    await expect.poll(() => page.getByText('Answers as it should').count()).toBe(3);
  });

  it('makes a token that works, and ends it', async () => {
    await page.goto('/me?tab=tokens');
    await page.getByLabel('Name').fill(`reader ${stamp}`);
    await page.getByRole('button', { name: 'Create token' }).click();
    const secret = (await page.getByTestId('secret').innerText()).trim();
    const me = () =>
      fetch(new URL('/api/v1/me', page.url()), { headers: { Authorization: `Bearer ${secret}` } });
    expect((await me()).status).toBe(200);
    await page.getByRole('button', { name: 'I have copied it' }).click();
    await page.getByRole('button', { name: `Revoke reader ${stamp}` }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await toast('The token is revoked.');
    expect((await me()).status).toBe(401);
  });

  it('saw no error in the browser', () => {
    expect(faults).toEqual([]);
  });

  it('is the only one who sees the console', async () => {
    const other = await enter(browser);
    await signIn(other.page, member, password);
    await other.page.goto('/admin');
    await other.page.getByText('Nothing is showing here').waitFor();
    await other.context.close();
  });
});
