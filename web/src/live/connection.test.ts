import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Connection, type Status } from './connection';
import type { Push } from './frames';
import { FakeSocket } from './socket.fixture';

const sockets: FakeSocket[] = [];
const pushes: Push[] = [];
const statuses: Status[] = [];
const refused = vi.fn();
const ended = vi.fn();

function connect(): Connection {
  const connection = new Connection({
    open: () => sockets[sockets.push(new FakeSocket()) - 1] as FakeSocket,
    onpush: (push) => pushes.push(push),
    onstatus: (status) => statuses.push(status),
    onrefused: refused,
    onended: ended,
    chance: () => 1,
  });
  connection.start();
  return connection;
}

const socket = () => sockets.at(-1) as FakeSocket;

beforeEach(() => {
  vi.useFakeTimers();
  [sockets, pushes, statuses].forEach((list) => list.splice(0));
  refused.mockClear();
  ended.mockClear();
});
afterEach(() => vi.useRealTimers());

describe('a connection', () => {
  it('is live after hello, and tells every push of a frame', () => {
    const connection = connect();
    socket().hello();
    socket().says({ ev: 'wallet', balance: 5, entries: 1 }, { ev: 'new-in-a-later-version' });
    expect(statuses).toEqual(['connecting', 'live']);
    expect(pushes.map(({ ev }) => ev)).toEqual(['hello', 'wallet', 'new-in-a-later-version']);
    connection.stop();
    expect(socket().isClosed).toBe(true);
  });

  it('pairs answers with requests, and turns problems into problems', async () => {
    const connection = connect();
    socket().hello();
    const first = connection.ask({ op: 'ping' });
    const second = connection.ask({ op: 'typing', room: 'r' });
    const [a, b] = socket().sent;
    socket().says(
      { re: b?.id, error: { status: 403, code: 'muted', detail: 'Not now.' } },
      { re: a?.id, ok: {} },
    );
    await expect(first).resolves.toEqual({});
    await expect(second).rejects.toMatchObject({ code: 'muted', message: 'Not now.' });
  });

  it('comes back after a break, later each time, and at once after a good one', async () => {
    connect();
    for (const wait of [250, 500, 1000, 2000]) {
      const before = sockets.length;
      socket().breaks();
      await vi.advanceTimersByTimeAsync(wait - 1);
      expect(sockets.length).toBe(before);
      await vi.advanceTimersByTimeAsync(1);
      expect(sockets.length).toBe(before + 1);
    }
    socket().hello();
    socket().breaks(3001);
    await vi.advanceTimersByTimeAsync(250);
    expect(statuses.at(-1)).toBe('connecting');
    expect(sockets.length).toBe(6);
    expect(refused).toHaveBeenCalledTimes(4);
  });

  it('fails what was not answered when it breaks, and what is asked without it', async () => {
    const connection = connect();
    await expect(connection.ask({ op: 'ping' })).rejects.toMatchObject({ code: 'network' });
    socket().hello();
    const asked = connection.ask({ op: 'ping' });
    socket().breaks(3008);
    await expect(asked).rejects.toMatchObject({ code: 'network', isPassing: true });
  });

  it.each([3501, 3502, 3503])('does not come back after %i', async (code) => {
    const connection = connect();
    socket().hello();
    socket().breaks(code);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(sockets.length).toBe(1);
    expect(connection.status).toBe('ended');
    expect(ended).toHaveBeenCalledWith(code);
  });

  it('finds out that nobody is there any more', async () => {
    connect();
    socket().hello();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(socket().sent.map(({ op }) => op)).toEqual(['ping']);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(statuses.at(-1)).toBe('waiting');
    expect(socket().isClosed).toBe(true);
  });

  it('stays while its pings are answered', async () => {
    connect();
    socket().hello();
    for (let turn = 0; turn < 5; turn += 1) {
      await vi.advanceTimersByTimeAsync(30_000);
      socket().answers('ping', {});
      await vi.advanceTimersByTimeAsync(0);
    }
    expect(statuses).toEqual(['connecting', 'live']);
    expect(socket().sent).toHaveLength(5);
  });

  it('tries at once when told to hurry', () => {
    const connection = connect();
    socket().breaks();
    connection.hurry();
    expect(sockets.length).toBe(2);
  });

  it('gives up a try that is never answered', async () => {
    connect();
    await vi.advanceTimersByTimeAsync(15_000);
    expect(sockets[0]?.isClosed).toBe(true);
    expect(statuses.at(-1)).toBe('waiting');
  });

  it('asks no more than the house allows, and lets the reader go before what can wait', async () => {
    const connection = connect();
    socket().hello();
    for (let room = 0; room < 200; room += 1)
      void connection.ask({ op: 'subscribe', room: String(room) }, true).catch(() => undefined);
    expect(socket().sent).toHaveLength(80);
    void connection.ask({ op: 'send', room: 'r', client_msg_id: 'c', body: 'now' }).catch(() => undefined);
    await vi.advanceTimersByTimeAsync(100);
    expect(socket().sent[80]?.op).toBe('send');
    await vi.advanceTimersByTimeAsync(1000);
    expect(socket().sent.length).toBeLessThan(100);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(socket().sent).toHaveLength(201);
    connection.stop();
  });
});
