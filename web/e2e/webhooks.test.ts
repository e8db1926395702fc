import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seriousFaults } from './axe';
import { admin, asAdmin, enter, openBrowser, shoot, signIn } from './house';
import { excess, settle } from './pages';

interface Told {
  headers: IncomingHttpHeaders;
  body: string;
}

/** A program on this machine that is told what happens, and answers as the test says. */
class Receiver {
  got: Told[] = [];
  status = 204;
  readonly #server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      this.got.push({ headers: request.headers, body });
      response.writeHead(this.status).end();
    });
  });

  async start(): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
  }

  get last(): Told {
    const last = this.got.at(-1);
    if (!last) throw new Error('nothing has come');
    return last;
  }
}

/** As docs/WEBHOOKS.md says it. */
function isSigned({ headers, body }: Told, secret: string): boolean {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const text = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  return headers['webhook-signature'] === `v1,${createHmac('sha256', key).update(text).digest('base64')}`;
}

describe('the webhooks of the house', () => {
  const receiver = new Receiver();
  const title = `Closed ${Date.now().toString(36)}`;
  let host: string;
  let browser: Browser;
  let page: Page;
  let faults: string[];
  let secret: string;
  let notice: string | undefined;

  beforeAll(async () => {
    host = await receiver.start();
    browser = await openBrowser();
    ({ page, faults } = await enter(browser));
    await signIn(page, ...admin());
  });

  afterAll(async () => {
    await browser?.close();
    receiver.stop();
    if (notice) await asAdmin(`/notices/${notice}`, undefined, 'DELETE').catch(() => undefined);
  });

  const row = () => page.getByTestId('admin-webhook').filter({ hasText: host });
  const deliveries = () => page.getByTestId('webhook-delivery');
  const dialog = () => page.getByRole('dialog');
  const toast = (text: string) => page.getByText(text).first().waitFor();
  const only = (state: string) =>
    page.getByRole('radio', { name: state, exact: true }).click({ force: true });

  async function readSecret(): Promise<string> {
    const panel = page.getByTestId('webhook-secret');
    await panel.getByText('It will not be shown again.').waitFor();
    const text = await panel.getByTestId('secret').innerText();
    await panel.getByRole('button', { name: 'Copy' }).waitFor();
    return text;
  }

  it('are added, with what is wrong beside its field, and a secret that is shown once', async () => {
    await page.goto('/admin/webhooks');
    await page.getByRole('button', { name: 'Add a webhook' }).click();
    await dialog().getByRole('button', { name: 'Add a webhook' }).click();
    await dialog().getByText('url is no address.').waitFor();
    await dialog().getByText('events names at least one.').waitFor();
    const url = dialog().getByLabel('Address');
    expect(await url.getAttribute('aria-invalid')).toBe('true');
    await url.fill(`http://somebody:secret@${host}/in`);
    await dialog().getByLabel('Notice published').check();
    await dialog().getByLabel('Film sold').check();
    await dialog().getByRole('button', { name: 'Add a webhook' }).click();
    await dialog().getByText('url has no user name and no password.').waitFor();
    await shoot(page, 'admin-webhook-add');
    await url.fill(`http://${host}/in?key=hidden`);
    await dialog().getByRole('button', { name: 'Add a webhook' }).click();
    await toast('The webhook is added.');
    secret = await readSecret();
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    await shoot(page, 'admin-webhook-secret');
    await page.getByRole('button', { name: 'I have it' }).click();
    await row().getByText('Notice published · Film sold').waitFor();
    await row().getByText('Nothing was sent yet.').waitFor();
    await page.reload();
    await row().waitFor();
    expect(await page.content()).not.toContain(secret);
    expect(await row().innerText()).not.toContain('hidden');
  });

  it('are sent a test, which arrives and is signed', async () => {
    await row()
      .getByRole('button', { name: `Send a test to ${host}` })
      .click();
    await toast('A test is on its way.');
    await row().getByText('Delivered').waitFor();
    expect(JSON.parse(receiver.last.body)).toMatchObject({ type: 'ping' });
    expect(isSigned(receiver.last, secret)).toBe(true);
    await row().getByRole('link', { name: host, exact: true }).click();
    await page.getByText(`http://${host}/in?…`).waitFor();
    await deliveries().first().getByText('answer 204').waitFor();
    await deliveries().first().getByRole('button', { name: 'Test', exact: true }).click();
    await dialog().getByTestId('delivery-body').getByText('"type": "ping"').waitFor();
    await dialog().getByRole('button', { name: 'Close' }).click();
  });

  it('show what has failed, and send it again', async () => {
    receiver.status = 410;
    await page.getByRole('button', { name: 'Send a test' }).click();
    await deliveries().first().getByText('Failed').waitFor();
    await deliveries().first().getByText('it wants nothing more').waitFor();
    await page.getByText('Its receiver has said that it wants nothing more.').waitFor();
    await shoot(page, 'admin-webhook-failed');
    await page.getByRole('button', { name: 'Switch on' }).click();
    await toast('The webhook is told what happens again.');
    receiver.status = 204;
    await only('Failed');
    await page.waitForURL('**state=failed');
    await deliveries()
      .first()
      .getByRole('button', { name: /^Send again: Test/ })
      .click();
    await toast('It is sent again now.');
    await page.getByText('Nothing here.').waitFor();
    await only('Delivered');
    await deliveries().first().getByText('2 attempts').waitFor();
    await only('All');
  });

  it('show what waits for its next attempt, which comes by itself', { timeout: 120_000 }, async () => {
    receiver.status = 500;
    const made = await asAdmin<{ id: string }>('/notices', { title, body: 'We rest.', pinned: false });
    notice = made.id;
    const told = deliveries().filter({ hasText: 'Notice published' });
    await told.getByText('The receiver answered 500.').waitFor({ timeout: 30_000 });
    await told.getByText('Waiting').waitFor();
    expect(await told.getByRole('button', { name: /^Send again/ }).count()).toBe(0);
    await page.getByText('Nothing has got through since').waitFor();
    receiver.status = 204;
    await told.getByText('Delivered').waitFor({ timeout: 60_000 });
    expect(JSON.parse(receiver.last.body)).toMatchObject({ type: 'notice.published', data: { title } });
    await page.getByText('Nothing has got through since').waitFor({ state: 'detached', timeout: 30_000 });
  });

  it('are changed, and have their secret renewed', async () => {
    await page.getByRole('button', { name: 'Edit' }).click();
    await dialog().getByLabel('Film sold').uncheck();
    await dialog().getByRole('button', { name: 'Save' }).click();
    await toast('Saved.');
    const told = page.getByRole('list', { name: 'What it is told' });
    await expect.poll(() => told.innerText()).toBe('Notice published');
    await page.getByRole('button', { name: 'New secret' }).click();
    await dialog().getByRole('button', { name: 'New secret' }).click();
    const renewed = await readSecret();
    expect(renewed).not.toBe(secret);
    await page.getByRole('button', { name: 'I have it' }).click();
    const before = receiver.got.length;
    await page.getByRole('button', { name: 'Send a test' }).click();
    await expect.poll(() => receiver.got.length).toBe(before + 1);
    expect([isSigned(receiver.last, secret), isSigned(receiver.last, renewed)]).toEqual([false, true]);
  });

  it.each([
    ['desktop', 'dark', { width: 1280, height: 860 }],
    ['desktop', 'light', { width: 1280, height: 860 }],
    ['phone', 'dark', { width: 390, height: 844 }],
    ['phone', 'light', { width: 390, height: 844 }],
  ] as const)('are readable on a %s, %s', async (name, colorScheme, viewport) => {
    const address = page.url();
    const look = await enter(browser, {
      viewport,
      colorScheme,
      storageState: await page.context().storageState(),
    });
    const seen: Record<string, string[]> = {};
    for (const [place, to] of [
      ['list', '/admin/webhooks'],
      ['one', address],
    ] as const) {
      await look.page.goto(to);
      await settle(look.page);
      seen[place] = await seriousFaults(look.page);
      if ((await excess(look.page)) > 0) seen[place].push('too wide');
      await shoot(look.page, `webhooks-${place}-${name}-${colorScheme}`);
    }
    await look.page.goto('/admin/webhooks');
    await look.page.getByRole('button', { name: 'Add a webhook' }).click();
    await settle(look.page);
    seen.form = await seriousFaults(look.page);
    await shoot(look.page, `webhooks-form-${name}-${colorScheme}`);
    await look.context.close();
    expect(seen).toEqual({ list: [], one: [], form: [] });
    expect(look.faults).toEqual([]);
  });

  it('are switched off and removed by the keyboard alone, after a question', async () => {
    await page.getByRole('button', { name: 'Switch off' }).press('Enter');
    await toast('The webhook is told nothing more.');
    await page.getByText('Off', { exact: true }).waitFor();
    const remove = page.getByRole('button', { name: 'Remove' });
    await remove.press('Enter');
    await dialog().getByText('This cannot be undone.').waitFor();
    await page.keyboard.press('Escape');
    await dialog()
      .waitFor({ state: 'detached' })
      .catch(() => undefined);
    await expect.poll(() => remove.evaluate((node) => node === document.activeElement)).toBe(true);
    await remove.press('Enter');
    await dialog().getByRole('button', { name: 'Remove' }).press('Enter');
    await toast('The webhook is gone.');
    await page.waitForURL('**/admin/webhooks');
    await page.getByRole('button', { name: 'Add a webhook' }).waitFor();
    await expect.poll(() => row().count()).toBe(0);
  });

  it('are in the audit log, by each action that the filter offers', async () => {
    for (const [action, text] of [
      ['webhook.add', 'Webhook added'],
      ['webhook.renew_secret', 'Secret of a webhook renewed'],
      ['webhook.switch_off', 'Webhook switched off'],
      ['webhook.remove', 'Webhook removed'],
    ] as const) {
      await page.goto('/admin/audit');
      await page.getByLabel('Action').selectOption(action);
      await page.waitForURL(`**action=${action}`);
      const entries = page.getByTestId('audit-entry');
      await entries.first().getByText(text).waitFor();
      expect(await entries.filter({ hasNotText: text }).count()).toBe(0);
    }
    expect(faults).toEqual([]);
  });
});
