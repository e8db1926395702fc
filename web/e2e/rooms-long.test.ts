import type { Browser, Page, WebSocketRoute } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser, shoot } from './house';
import { aMember, open, type Member } from './rooms';

const ID = '01900000-0000-7000-8000-000000000001';
const COUNT = 100_000;
const START = Date.parse('2026-01-01T08:00:00Z');

/** Event `seq` of a room that exists only in this test. Every tenth message has several lines. */
function event(seq: number, member: Member) {
  const other = { id: '01900000-0000-7000-8000-000000000002', username: 'somebody' };
  return {
    room_id: ID,
    seq,
    kind: 'message',
    message_id: `01900000-0000-7000-9000-${String(seq).padStart(12, '0')}`,
    account: seq % 3 ? other : { id: member.id, username: member.name },
    body: seq % 10 ? `message ${seq}` : `message ${seq}\nwith\nfour\nlines`,
    at: new Date(START + seq * 60_000).toISOString(),
  };
}

/** Answers for the house, in place of it: a room with a very long log. */
async function pretend(page: Page, member: Member): Promise<{ line: () => WebSocketRoute | undefined }> {
  let line: WebSocketRoute | undefined;
  const room = {
    id: ID,
    name: 'Long room',
    kind: 'group',
    first_seq: 1,
    last_seq: COUNT,
    read_seq: COUNT,
    unread: 0,
    mentions: 0,
    epoch: 'e',
    members_count: 2,
    role: 'member',
    muted_until: null,
    slow_mode_seconds: 0,
    retention_days: null,
    created_at: new Date(START).toISOString(),
    last_event_at: new Date(START).toISOString(),
  };
  await page.routeWebSocket('**/api/v1/realtime', (socket) => {
    line = socket;
    socket.onMessage((text) => {
      const { id, op } = JSON.parse(String(text)) as { id: number; op: string };
      const ok = op === 'subscribe' ? { recovered: true, seq: COUNT, epoch: 'e' } : { accounts: [] };
      socket.send(JSON.stringify({ re: id, ok }));
    });
    const hello = { ev: 'hello', protocol: 1, rooms: [room], friends: [], incoming: [], unread_notices: 0 };
    socket.send(JSON.stringify(hello));
  });
  await page.route(`**/api/v1/rooms/${ID}/**`, (route) => {
    const query = new URL(route.request().url()).searchParams;
    const before = Number(query.get('before_seq') ?? COUNT + 1);
    const first = Math.max(1, before - Number(query.get('limit') ?? 50));
    const items = Array.from({ length: before - first }, (_, index) => event(first + index, member));
    const more = first > 1 ? 'more' : null;
    const json = { items, next_cursor: more, first_seq: 1, last_seq: COUNT, epoch: 'e' };
    return route.fulfill({
      json: route.request().url().includes('/members') ? { items: [], next_cursor: null } : json,
    });
  });
  return { line: () => line };
}

describe('a room of a hundred thousand messages', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await openBrowser();
  });

  afterAll(async () => {
    await browser.close();
  });

  it('is read to its beginning, with few rows on the page, and stays quick', async () => {
    const anna = await aMember('anna');
    const { page, context, faults } = await open(browser, anna, '/notices');
    const house = await pretend(page, anna);
    await page.goto(`/rooms/${ID}`);
    const rows = page.getByTestId('message');
    await rows.filter({ hasText: `message ${COUNT}` }).waitFor();
    const box = page.getByRole('region', { name: /^Messages in/ });
    const read = () =>
      box.evaluate((node) => {
        node.scrollTop = 0;
        return node.scrollHeight;
      });
    const beginning = page.getByRole('heading', { name: 'This is where Long room begins' });
    while ((await beginning.count()) === 0) {
      await read();
      expect(await rows.count()).toBeLessThan(80);
    }
    await read();
    await rows.filter({ hasText: 'message 1' }).first().waitFor();
    expect(await read()).toBeGreaterThan(COUNT * 20);

    // One more message, and a jump to the end and back, with all of them there.
    const took = await box.evaluate(async (node) => {
      const frame = () => new Promise((done) => requestAnimationFrame(done));
      const began = performance.now();
      for (let turn = 1; turn <= 20; turn += 1) {
        node.scrollTop = (node.scrollHeight * turn) / 21;
        await frame();
        await frame();
      }
      return (performance.now() - began) / 20;
    });
    console.log(`a jump in ${COUNT} messages: ${took.toFixed(1)} ms`);
    expect(took).toBeLessThan(500);
    house.line()?.send(JSON.stringify({ ev: 'event', ...event(COUNT + 1, anna), body: 'the newest' }));
    await page.getByTestId('to-end').click();
    await rows.filter({ hasText: 'the newest' }).waitFor();
    expect(await rows.count()).toBeLessThan(80);
    await shoot(page, 'rooms-long');
    expect(faults).toEqual([]);
    await context.close();
  }, 240_000);
});
