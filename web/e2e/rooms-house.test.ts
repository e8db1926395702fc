import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asAdmin, openBrowser, shoot } from './house';
import { aMember, aRoom, befriend, message, open, say, write } from './rooms';

let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
});

afterAll(async () => {
  await browser.close();
});

describe('friends', () => {
  it('ask, accept, write in private, and see who is here', async () => {
    const [anna, ben] = [await aMember('anna'), await aMember('ben')];
    const one = await open(browser, anna, '/friends');
    const other = await open(browser, ben, '/');
    await one.page.getByLabel('User name').fill(ben.name);
    await one.page.getByRole('button', { name: 'Ask to be friends' }).click();
    await one.page.getByTestId('outgoing').getByText(ben.name).waitFor();
    await other.page.getByText(`${anna.name} asks to be your friend.`).waitFor();
    await other.page.getByTestId('rooms-badge').getByText('1 friend request').waitFor();
    await other.page.getByRole('button', { name: 'Look' }).click();
    await other.page.getByRole('button', { name: `Accept: ${anna.name}` }).click();
    await other.page.locator('[data-testid=friends] [data-here=true]').waitFor();
    await one.page.getByRole('button', { name: `Write to ${ben.name}` }).click();
    await one.page.getByRole('textbox', { name: `Message to ${ben.name}` }).waitFor();
    await write(one.page, 'Between us');
    await other.page.getByTestId('room-link').getByTestId('mention-count').waitFor();
    await other.page.getByTestId('room-link').click();
    await message(other.page, 'Between us').waitFor();
    await shoot(other.page, 'rooms-private');
    await ben.call('DELETE', `/friends/${anna.id}`);
    await one.page.getByText(`You and ${ben.name} are not friends now`).waitFor();
    expect([...one.faults, ...other.faults]).toEqual([]);
    await Promise.all([one.context.close(), other.context.close()]);
  });
});

describe('a room', () => {
  it('is made and joined by its name, looked after, and left', async () => {
    const [anna, ben, chris] = [await aMember('anna'), await aMember('ben'), await aMember('chris')];
    await befriend(anna, chris);
    const { page, faults, context } = await open(browser, anna, '/rooms');
    const name = `Balcony ${anna.name}`;
    await page.getByRole('button', { name: 'New room', exact: true }).click();
    await page.getByLabel('Name', { exact: true }).fill(name);
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('heading', { name, exact: true }).waitFor();
    const guest = await open(browser, ben, '/rooms');
    await guest.page.getByRole('button', { name: 'New room or join one' }).click();
    await guest.page.getByRole('radio', { name: 'Join a room' }).check();
    await guest.page.getByLabel('Name', { exact: true }).fill('no such room here');
    await guest.page.getByRole('button', { name: 'Join', exact: true }).click();
    await guest.page.getByRole('alert').getByText(/room/i).first().waitFor();
    await guest.page.getByLabel('Name', { exact: true }).fill(name.toUpperCase());
    await guest.page.getByRole('button', { name: 'Join', exact: true }).click();
    await page.getByText(`${ben.name} joined`).waitFor();

    await page.getByRole('button', { name: 'Members and settings' }).click();
    await page.getByRole('button', { name: 'Invite a friend' }).click();
    await page.getByRole('button', { name: `Invite a friend: ${chris.name}` }).click();
    await page.getByText(`${anna.name} invited ${chris.name}`).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    const row = page.getByTestId('member').filter({ hasText: ben.name });
    const choose = async (choice: string | RegExp) => {
      await row.getByRole('button').click();
      await page.getByRole('menuitem', { name: choice }).first().click();
    };
    await choose('Make a moderator');
    await row.getByText('Moderator').waitFor();
    await choose('Make a member');
    await page.getByText(`${ben.name} is a member now`).waitFor();
    await choose(/^Mute for/);
    await guest.page.getByText('You may read here, and write again from').waitFor();
    await choose('Unmute');
    await guest.page.getByRole('textbox', { name: /^Message to/ }).waitFor();
    await shoot(page, 'rooms-members');

    await page.getByRole('button', { name: 'Settings', exact: true }).click();
    await page.getByRole('dialog').getByLabel('Name').fill(`${name} 2`);
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await guest.page.getByRole('heading', { name: `${name} 2`, exact: true }).waitFor();
    await choose('Ban');
    await page.getByRole('dialog').getByRole('button', { name: 'Ban' }).click();
    await guest.page.getByText('You are not in this room').waitFor();
    await page.getByRole('button', { name: 'Leave the room' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Leave the room' }).click();
    await page.getByText(`You left ${name} 2.`).waitFor();
    expect([...faults, ...guest.faults]).toEqual([]);
    await Promise.all([context.close(), guest.context.close()]);
  });

  it('is read backwards page by page, searched, and stays where one looks', async () => {
    const [anna, ben] = [await aMember('anna'), await aMember('ben')];
    const room = await aRoom(anna, ben);
    for (let index = 0; index < 110; index += 1)
      await say(anna, room.id, index === 3 ? 'a needle' : `line ${index}`);
    const { page, faults, context } = await open(browser, ben, `/rooms/${room.id}`);
    await message(page, 'line 109').waitFor();
    await page.getByRole('region', { name: /^Messages in/ }).hover();
    await expect
      .poll(
        async () => {
          await page.mouse.wheel(0, -4000);
          return message(page, 'line 0').count();
        },
        { timeout: 20_000 },
      )
      .toBe(1);
    expect(await page.getByTestId('message').count()).toBeLessThan(80);
    const top = async () => (await message(page, 'line 5').first().boundingBox())?.y;
    const before = await top();
    await say(anna, room.id, 'comes while one looks back');
    await page.getByTestId('to-end').getByText('1 new message').waitFor();
    expect(await top()).toBe(before);
    await page.getByTestId('to-end').click();
    await message(page, 'comes while one looks back').waitFor();
    await page.getByRole('button', { name: 'Search in this room' }).click();
    await page.getByRole('searchbox', { name: 'Search in this room' }).fill('needle');
    await page.getByTestId('hits').getByRole('button').click();
    await expect.poll(() => page.locator('article:focus').innerText()).toContain('a needle');
    await shoot(page, 'rooms-search');
    expect(faults).toEqual([]);
    await context.close();
  });

  it('is walked through by keyboard, with one stop of the tab key', async () => {
    const anna = await aMember('anna');
    const room = await aRoom(anna);
    for (const text of ['first', 'second', 'third']) await say(anna, room.id, text);
    const { page, context } = await open(browser, anna, `/rooms/${room.id}`);
    await message(page, 'third').waitFor();
    await page.getByRole('region', { name: /^Messages in/ }).focus();
    const here = () => page.locator('article:focus .text').innerText();
    await page.keyboard.press('Tab');
    expect(await here()).toBe('third');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    expect(await here()).toBe('first');
    for (let stop = 0; stop < 3; stop += 1) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Delete' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Tab');
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('TEXTAREA');
    await context.close();
  });

  it('tells of messages outside of the page only who asked for it', async () => {
    const [anna, ben] = [await aMember('anna'), await aMember('ben')];
    const room = await aRoom(anna, ben);
    const { page, context } = await open(browser, ben, '/rooms');
    await page.addInitScript(() => {
      const told: string[] = [];
      class Told {
        static permission = 'default';
        static requestPermission() {
          Told.permission = 'granted';
          return Promise.resolve('granted');
        }
        constructor(title: string, { body }: { body: string }) {
          told.push(`${title}: ${body}`);
        }
        close() {}
      }
      Object.assign(window, { Notification: Told, told });
    });
    await page.reload();
    await page.getByTestId('room-link').waitFor();
    const told = () => page.evaluate(() => (window as unknown as { told: string[] }).told);
    const unread = (count: string) =>
      page.getByTestId('room-link').getByText(count, { exact: true }).waitFor();
    await say(anna, room.id, `@${ben.name} nobody asked for this`);
    await unread('1');
    expect(await told()).toEqual([]);
    await page.getByRole('button', { name: 'Notifications of this device' }).click();
    await page.getByRole('radio', { name: 'For me' }).click();
    await say(anna, room.id, 'not for you');
    await say(anna, room.id, `@${ben.name} for you`);
    await unread('2');
    await expect.poll(told).toEqual([`${anna.name} in ${room.name}: @${ben.name} for you`]);
    await context.close();
  });

  it('shows films as cards', async () => {
    const anna = await aMember('anna');
    const room = await aRoom(anna);
    const { items } = await anna.call<{ items: { id: string; title: string }[] }>('GET', '/movies?limit=1');
    const [film] = items;
    await say(anna, room.id, `Tonight: /movies/${film?.id}`);
    const { page, context } = await open(browser, anna, `/rooms/${room.id}`);
    await page.getByTestId('film-link').getByText(String(film?.title)).click();
    await page.waitForURL(`**/movies/${film?.id}`);
    await context.close();
  });

  it('fits a phone, one pane at a time, in Chinese', async () => {
    const anna = await aMember('anna');
    const room = await aRoom(anna);
    await say(anna, room.id, '今晚放什么？');
    const viewport = { width: 390, height: 844 };
    const visit = await open(browser, anna, '/rooms', { locale: 'zh-CN', viewport, hasTouch: true });
    const { page, faults, context } = visit;
    await page.getByRole('heading', { name: '聊天', exact: true }).waitFor();
    await page.getByTestId('room-link').click();
    await message(page, '今晚放什么？').waitFor();
    expect(await page.getByTestId('room-link').count()).toBe(0);
    await page.getByRole('textbox', { name: /^发到/ }).fill('随便');
    await page.getByRole('button', { name: '发送' }).click();
    await message(page, '随便').waitFor();
    await shoot(page, 'rooms-phone');
    await page.getByRole('button', { name: '成员与设置' }).click();
    await page.getByTestId('members').waitFor();
    expect(await page.getByRole('textbox', { name: /^发到/ }).isVisible()).toBe(false);
    await page.getByRole('button', { name: '关闭侧栏' }).click();
    await page.getByRole('link', { name: '全部聊天室' }).click();
    await page.getByTestId('room-link').waitFor();
    const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(over).toBe(0);
    expect(faults).toEqual([]);
    await context.close();
  });
});

describe('what happens elsewhere', () => {
  it('is told at once: notices in the header, money in the wallet', async () => {
    const anna = await aMember('anna');
    const { page, faults, context } = await open(browser, anna, '/');
    await page.getByTestId('film-card').first().waitFor();
    await page.waitForTimeout(1000);
    const title = `Curtain ${anna.name}`;
    await asAdmin('/notices', { title, body: 'At eight.' });
    await page.getByText(`Notice: ${title}`).waitFor();
    await page.getByTestId('unread-badge').waitFor();
    await page.goto('/wallet');
    await page.getByTestId('balance').waitFor();
    const before = await page.getByTestId('balance').textContent();
    const { codes } = await asAdmin<{ codes: string[] }>('/admin/vouchers', { amount: 700, count: 1 });
    await anna.call('POST', '/me/vouchers', { code: codes[0] });
    await expect.poll(() => page.getByTestId('balance').textContent()).not.toBe(before);
    await page.getByTestId('ledger').getByText('Voucher').waitFor();
    expect(faults).toEqual([]);
    await context.close();
  });

  it('is told at once: what an admin changed of the account', async () => {
    const anna = await aMember('anna');
    const { page, faults, context } = await open(browser, anna, '/');
    const isLive = page.waitForEvent('websocket').then((socket) => socket.waitForEvent('framereceived'));
    await page.reload();
    await isLive;
    const change = (body: unknown) => asAdmin(`/admin/accounts/${anna.id}`, body, 'PATCH');
    await change({ vip_until: '2099-01-01T12:00:00Z' });
    await page.getByText(/^You are VIP until .*2099/).waitFor();
    await page.getByTestId('account-menu').locator('.vip').waitFor();
    await change({ role: 'admin' });
    await page.getByText('You help to run the house now.').waitFor();
    await page.goto('/admin');
    await page.getByTestId('figures').waitFor();
    await change({ role: 'member' });
    await page.getByText('You are a member like the others now.').waitFor();
    await expect.poll(() => page.getByTestId('figures').count()).toBe(0);
    expect(faults).toEqual([]);
    await context.close();
  });
});
