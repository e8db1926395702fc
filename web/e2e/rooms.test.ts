import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, shoot } from './house';
import { aMember, aRoom, message, open, restart, say, texts, write, type Member } from './rooms';

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
    await b.getByText(`Replying to ${anna.name}`).waitFor();
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
    await a.getByTestId('rooms-badge').getByText('mentioned once').waitFor();
    await a
      .getByRole('link', { name: /^Rooms/ })
      .first()
      .click();
    await a.getByTestId('room-link').getByTestId('mention-count').waitFor();
    const last = a.getByTestId('room-link').getByTestId('last-message');
    await last.getByText(`@${anna.name} come back`).waitFor();
    expect(await last.innerText()).toMatch(new RegExp(`^${ben.name}:`));
    await a.reload();
    await last.getByText(`@${anna.name} come back`).waitFor();
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
