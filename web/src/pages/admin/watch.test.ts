import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { api } from '../../api/client';
import { Watch } from './watch.svelte';

let stats = {
  bytes_sent: 0,
  revenue: 0,
  downloads_running: 1,
  live: { connections: 2, streams: 3, transfers: 4 },
};
let failed = 0;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  vi.stubGlobal('document', { hidden: false });
  vi.spyOn(api, 'GET').mockImplementation((() =>
    Promise.resolve({ data: stats, response: new Response() })) as never);
  vi.stubGlobal('fetch', () =>
    Promise.resolve(new Response(`playhouse_http_requests_total{status="500"} ${failed}\n`)),
  );
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** As many readings as that, five seconds apart. */
async function readings(watch: Watch, count: number, between: () => void = () => undefined) {
  for (let index = 0; index < count; index += 1) {
    await watch.read();
    vi.advanceTimersByTime(5000);
    between();
  }
}

describe('the dashboard', () => {
  it('draws what is there now, and a second’s worth of what is counted', async () => {
    const watch = new Watch();
    await readings(watch, 3, () => {
      stats = { ...stats, bytes_sent: stats.bytes_sent + 5000, revenue: 490 };
      failed += 10;
    });
    expect(watch.lines.connections).toEqual([2, 2, 2]);
    expect(watch.lines.streams).toEqual([3, 3, 3]);
    expect(watch.lines.transfers).toEqual([4, 4, 4]);
    expect(watch.lines.revenue).toEqual([0, 490, 490]);
    expect(watch.lines.delivered).toEqual([1000, 1000]);
    expect(watch.lines.failed).toEqual([2, 2]);
  });

  it('goes on after somebody was elsewhere, keeps a quarter of an hour, and nothing for another account', async () => {
    const watch = new Watch();
    watch.start('anna')();
    await readings(watch, 200);
    expect(watch.lines.running).toHaveLength(180);
    watch.start('anna')();
    expect(watch.lines.running).toHaveLength(180);
    watch.start('ben')();
    expect(watch.lines.running).toEqual([]);
  });
});
