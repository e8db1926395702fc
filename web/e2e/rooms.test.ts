import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, shoot } from './house';
import { aMember, aRoom, befriend, message, open, restart, say, texts, write, type Member } from './rooms';

let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
});

afterAll(async () => {
  await browser.close();
});

/** Two people in one room, each at a screen: every step stands on the one before. */
describe('two who talk', () => {
  let anna: Member;
  let ben: Member;
  let room: { id: string; name: string };
  let a: Page;
  let b: Page;
  const faults: string[][] = [];

  beforeAll(async () => {
    [anna, ben] = [await aMember('anna'), await aMember('ben')];
    room = await aRoom(anna, ben);
    const visits = [
      await open(browser, anna, `/rooms/${room.id}`),
      await open(browser, ben, `/rooms/${room.id}`),
    ];
    faults.push(...visits.map((visit) => visit.faults));
    [a, b] = visits.map(({ page }) => page) as [Page, Page];
    for (const page of [a, b]) await page.getByRole('textbox', { name: /^Message to/ }).waitFor();
  });

  it('see each other’s messages at once, each once', async () => {
    await write(a, 'Is anybody there?');
    await message(b, 'Is anybody there?').waitFor();
    await write(b, 'I am.\nAnd on two lines.');
    await message(a, 'And on two lines.').waitFor();
    expect(await texts(a)).toEqual(await texts(b));
    expect(await a.getByTestId('waiting-message').count()).toBe(0);
  });

  it('see who is writing, until the message comes', async () => {
    await b.getByRole('textbox', { name: /^Message to/ }).pressSequentially('Let me thi', { delay: 200 });
    await a.getByTestId('typing').getByText(`${ben.name} is writing`).waitFor();
    await write(b, 'Let me think.');
    await message(a, 'Let me think.').waitFor();
    await expect.poll(() => a.getByTestId('typing').textContent()).toBe('');
  });

  it('answer, and find what was answered', async () => {
    await message(b, 'Is anybody there?').hover();
    await message(b, 'Is anybody there?').getByRole('button', { name: 'Reply' }).click();
    await b.getByText(`Answering ${anna.name}`).waitFor();
    await write(b, 'Here is the answer');
    const answer = message(a, 'Here is the answer');
    await answer.getByRole('button', { name: /Is anybody there/ }).click();
    await expect.poll(() => a.locator('article:focus').innerText()).toContain('Is anybody there?');
  });

  it('change and delete what they said', async () => {
    await b.getByRole('textbox', { name: /^Message to/ }).press('ArrowUp');
    await b.getByText('Editing your message').waitFor();
    await write(b, 'Here is a better answer');
    await message(a, 'Here is a better answer').getByText('(edited)').waitFor();
    await message(b, 'Let me think.').hover();
    await message(b, 'Let me think.').getByRole('button', { name: 'More' }).click();
    await b.getByRole('menuitem', { name: 'Delete' }).click();
    await b.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await a.getByText('This message was deleted.').waitFor();
    expect(await message(a, 'Let me think.').count()).toBe(0);
  });

  it('react, and take it back', async () => {
    const there = message(a, 'Is anybody there?');
    await there.hover();
    await there.getByRole('button', { name: 'React' }).click();
    await a.getByRole('button', { name: '🎉' }).click();
    const mine = there.getByTestId('reaction');
    await mine.and(a.locator('[aria-pressed=true]')).waitFor();
    const seen = message(b, 'Is anybody there?').getByTestId('reaction');
    expect(await seen.getAttribute('aria-pressed')).toBe('false');
    await seen.click();
    await mine.locator('.figures', { hasText: '2' }).waitFor();
    await mine.click();
    await seen.locator('.figures', { hasText: '1' }).waitFor();
    await shoot(a, 'rooms-talk');
  });

  it('see what waits elsewhere: how much, and where one is named', async () => {
    await a.getByRole('link', { name: 'Films', exact: true }).first().click();
    await a.getByTestId('film-card').first().waitFor();
    await write(b, 'Back to films?');
    await a.getByTestId('rooms-badge').getByText('1 room with something new').waitFor();
    await write(b, `@${anna.name} come back`);
    await a.getByTestId('rooms-badge').getByText('named once').waitFor();
    await a
      .getByRole('link', { name: /^Rooms/ })
      .first()
      .click();
    await a.getByTestId('room-link').getByTestId('mention-count').waitFor();
    await a.getByTestId('room-link').click();
    await a.getByTestId('new-line').waitFor();
    await expect.poll(() => a.getByTestId('rooms-badge').count()).toBe(0);
    await expect.poll(() => a.getByTestId('mention-count').count()).toBe(0);
  });

  it('complete names that they begin', async () => {
    const box = a.getByRole('textbox', { name: /^Message to/ });
    await box.pressSequentially(`Hello @${ben.name.slice(0, 5)}`);
    await a.getByRole('option', { name: ben.name }).waitFor();
    await box.press('Enter');
    expect(await box.inputValue()).toBe(`Hello @${ben.name} `);
    await box.press('Enter');
    await message(b, `Hello @${ben.name}`).waitFor();
  });

  it('keep what they began to write', async () => {
    const box = b.getByRole('textbox', { name: /^Message to/ });
    await box.fill('half a sent');
    await b.getByRole('link', { name: 'Friends' }).click();
    await b.getByTestId('room-link').getByText('Draft').waitFor({ state: 'attached' });
    await b.reload();
    await b.getByTestId('room-link').click();
    await expect.poll(() => box.inputValue()).toBe('half a sent');
    await box.fill('');
  });

  it('go on over a restart of the house: nothing lost, nothing twice', async () => {
    const before = await texts(a);
    const restarted = restart(4);
    await a.getByTestId('reconnect-banner').waitFor();
    await write(a, 'written without a house');
    await write(a, 'and one more');
    await a.getByTestId('waiting-message').first().waitFor();
    await shoot(a, 'rooms-broken');
    await restarted;
    await message(b, 'and one more').waitFor({ timeout: 45_000 });
    await expect.poll(() => a.getByTestId('reconnect-banner').count(), { timeout: 45_000 }).toBe(0);
    await expect.poll(() => a.getByTestId('waiting-message').count()).toBe(0);
    const added = ['written without a house', 'and one more'];
    expect(await texts(a)).toEqual([...before, ...added]);
    await expect.poll(() => texts(b)).toEqual([...before, ...added]);
    await write(b, 'and on it goes');
    await message(a, 'and on it goes').waitFor();
    const { items } = await anna.call<{ items: { seq: number; body: string | null }[] }>(
      'GET',
      `/rooms/${room.id}/messages?limit=200`,
    );
    expect(items.filter(({ body }) => body === 'written without a house')).toHaveLength(1);
  }, 120_000);

  it('get what they missed without a line, in order', async () => {
    const page = await b.context().newPage();
    let isCut = false;
    const lines: { close: (how: { code: number }) => Promise<void> }[] = [];
    await page.routeWebSocket('**/api/v1/realtime', (line) => {
      if (isCut) return void line.close({ code: 3013 });
      line.connectToServer();
      lines.push(line);
    });
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(`/rooms/${room.id}`);
    await message(page, 'and on it goes').waitFor();
    isCut = true;
    await lines[0]?.close({ code: 3008 });
    await page.getByTestId('reconnect-banner').waitFor();
    const missed = ['missed one', 'missed two', 'missed three'];
    for (const text of missed) await say(anna, room.id, text);
    expect(await message(page, 'missed one').count()).toBe(0);
    asked.splice(0);
    isCut = false;
    await page.getByRole('button', { name: 'Try now' }).click();
    await message(page, 'missed three').waitFor();
    expect((await texts(page)).slice(-3)).toEqual(missed);
    // All of it came over the connection: the history was not read again.
    expect(asked.filter((url) => url.includes('/events'))).toEqual([]);
    await page.close();
  });

  it('met no fault in the browser', () => {
    const network = /ERR_|WebSocket connection|status of 5\d\d/;
    expect(faults.flat().filter((text) => !network.test(text))).toEqual([]);
  });
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
    await page.getByRole('button', { name: 'Make it' }).click();
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
    await page.getByRole('button', { name: 'Bring a friend in' }).click();
    await page.getByRole('button', { name: `Bring a friend in: ${chris.name}` }).click();
    await page.getByText(`${anna.name} brought ${chris.name} in`).waitFor();
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
    await choose('Let speak again');
    await guest.page.getByRole('textbox', { name: /^Message to/ }).waitFor();
    await shoot(page, 'rooms-members');

    await page.getByRole('button', { name: 'Settings', exact: true }).click();
    await page.getByRole('dialog').getByLabel('Name').fill(`${name} 2`);
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await guest.page.getByRole('heading', { name: `${name} 2`, exact: true }).waitFor();
    await choose('Put out for good');
    await page.getByRole('dialog').getByRole('button', { name: 'Put out for good' }).click();
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
    expect(await page.getByTestId('room-link').count()).toBe(1);
    expect(await page.getByTestId('room-link').isVisible()).toBe(false);
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
    const { asAdmin } = await import('./house');
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
});
