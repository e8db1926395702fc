import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { enter, HOUSE } from './house';

const PASSWORD = 'a seat in row seven';

/** A member with an API of their own, and no page yet. */
export interface Member {
  name: string;
  id: string;
  call: <Answer>(method: string, path: string, body?: unknown) => Promise<Answer>;
}

export async function aMember(name: string): Promise<Member> {
  const username = `${name}_${randomBytes(3).toString('hex')}`;
  const send = async <Answer>(
    method: string,
    path: string,
    body?: unknown,
    token?: string,
  ): Promise<Answer> => {
    const headers: Record<string, string> = { 'Content-Type': 'application/json' };
    if (token) headers.Authorization = `Bearer ${token}`;
    const answer = await fetch(`${HOUSE}/api/v1${path}`, {
      method,
      headers,
      body: body ? JSON.stringify(body) : undefined,
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (text ? JSON.parse(text) : null) as Answer;
  };
  const { id } = await send<{ id: string }>('POST', '/accounts', { username, password: PASSWORD });
  const { token } = await send<{ token: string }>('POST', '/sessions', { username, password: PASSWORD });
  return { name: username, id, call: (method, path, body) => send(method, path, body, token) };
}

/** A page of theirs, signed in, with its live connection if it has one. */
export async function open(
  browser: Browser,
  member: Member,
  path: string,
  options: BrowserContextOptions = {},
) {
  const visit = await enter(browser, options);
  await visit.page.request.post('/api/v1/sessions', {
    data: { username: member.name, password: PASSWORD },
    headers: { Origin: HOUSE },
  });
  const greeted = visit.page
    .waitForEvent('websocket', { timeout: 10_000 })
    .then((socket) => socket.waitForEvent('framereceived', { timeout: 10_000 }))
    .catch(() => null);
  await visit.page.goto(path);
  await greeted;
  return visit;
}

export async function aRoom(owner: Member, ...others: Member[]): Promise<{ id: string; name: string }> {
  const name = `Room ${randomBytes(4).toString('hex')}`;
  const room = await owner.call<{ id: string }>('POST', '/rooms', { name });
  for (const other of others) await other.call('POST', '/rooms/join', { name });
  return { id: room.id, name };
}

export async function befriend(one: Member, other: Member): Promise<void> {
  await one.call('POST', '/friends/requests', { username: other.name });
  await other.call('POST', `/friends/requests/${one.id}/accept`);
}

export function say(
  member: Member,
  room: string,
  body: string,
): Promise<{ message_id: string; seq: number }> {
  const client_msg_id = randomBytes(8).toString('hex');
  return member.call('POST', `/rooms/${room}/messages`, { client_msg_id, body });
}

export async function write(page: Page, text: string): Promise<void> {
  const box = page.getByRole('textbox', { name: /^Message to/ });
  await box.fill(text);
  await box.press('Enter');
}

export function message(page: Page, text: string): Locator {
  return page.getByTestId('message').filter({ has: page.locator('.text', { hasText: text }) });
}

export function texts(page: Page): Promise<string[]> {
  return page.getByTestId('message').locator('.text').allInnerTexts();
}

/** Stops the house, and starts it again after so many seconds. Ends when it answers. */
export function restart(seconds: number): Promise<void> {
  const command = process.env.PLAYHOUSE_RESTART;
  if (!command) throw new Error('Set PLAYHOUSE_RESTART: e2e/README.md says how.');
  return new Promise((done, fail) =>
    execFile(command, [String(seconds)], (error) => (error ? fail(error) : done())),
  );
}
