import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { Page } from 'playwright-core';
import { ROUTES } from '../src/app/routes';
import { admin, HOUSE } from './house';

const AREAS = [
  'movies',
  'series',
  'comments',
  'notices',
  'accounts',
  'vouchers',
  'jobs',
  'webhooks',
  'audit',
  'settings',
  'health',
];
const TABS = ['profile', 'password', 'sessions', 'tokens', 'looks', 'data'];
export const GUESTS = [ROUTES.signIn, ROUTES.signUp];

/** Every page of the client, by its address; a page that this list does not know how to open is a failure. */
function addresses(film: string, room: string): string[] {
  const members = Object.entries(ROUTES)
    .filter(([, path]) => !GUESTS.some((guest) => guest === path) && path !== ROUTES.setUp)
    .flatMap(([name, path]) => {
      if (name === 'adminArea') return AREAS.map((area) => path.replace(':area', area));
      if (name === 'me') return TABS.map((tab) => `${path}?tab=${tab}`);
      if (name === 'room') {
        const address = path.replace(':id', room);
        return [address, `${address}?show=members`, `${address}?show=search`, path.replace(':id', film)];
      }
      return [path.replace(':id', film)];
    });
  return [...members, '/no-such-page'];
}

/** A room of whoever is signed in, with all that a message may have. */
async function aFullRoom(page: Page): Promise<string> {
  const send = async (method: 'post' | 'put' | 'delete', path: string, data?: unknown) => {
    const answer = await page.request[method](`/api/v1${path}`, { data, headers: { Origin: HOUSE } });
    expect(answer.ok(), path).toBe(true);
    return answer.status() === 204 ? {} : ((await answer.json()) as Record<string, string>);
  };
  const { id } = await send('post', '/rooms', { name: `Foyer ${randomUUID()}` });
  const say = (body: string, reply_to?: string) =>
    send('post', `/rooms/${id}/messages`, { client_msg_id: randomUUID(), body, reply_to });
  const { message_id } = await say('Who is at the door? See https://example.org');
  await send('put', `/rooms/${id}/messages/${message_id}/reactions/${encodeURIComponent('👍')}`);
  await say('I am, @nobody.', message_id);
  const gone = await say('A slip');
  await send('delete', `/rooms/${id}/messages/${gone.message_id}`);
  return String(id);
}

export async function settle(page: Page): Promise<void> {
  // On a phone the third pane of the rooms stands alone, under a heading of its own.
  await page.locator('main :is(h1, h2):visible').first().waitFor();
  await page.waitForLoadState('networkidle', { timeout: 5000 }).catch(() => undefined);
  // What goes round for ever (the shape of something that comes when it is scrolled to) is not waited for.
  await page.evaluate(() =>
    Promise.all(
      document
        .getAnimations()
        .filter(({ effect }) => Number.isFinite(Number(effect?.getComputedTiming().endTime)))
        .map((one) => one.finished),
    ).catch(() => null),
  );
}

/** Signs a page's context in as the admin, and finds them a film and a room to look at. */
export async function allPages(page: Page): Promise<string[]> {
  const [username, password] = admin();
  const signedIn = await page.request.post('/api/v1/sessions', { data: { username, password } });
  expect(signedIn.status()).toBe(201);
  const answer = await page.request.get('/api/v1/movies?limit=1');
  const film = ((await answer.json()) as { items: { id: string }[] }).items[0]?.id ?? '';
  return addresses(film, await aFullRoom(page));
}

/** By how many pixels a page is wider than its window. */
export function excess(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
}
