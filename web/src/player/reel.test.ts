import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EngineEvents } from './engine';
import type { Way } from './quality';
import { Reel } from './reel.svelte';

interface Opened {
  way: Way;
  at: number;
  events: EngineEvents;
  renewed: string[];
  chosen: number[];
  heard: number[];
  closed: boolean;
}

const { opened } = vi.hoisted(() => ({ opened: [] as Opened[] }));

vi.mock('./engine', () => ({
  readersOf: () => Promise.resolve({ hls: true, native: false }),
  openEngine: (_video: unknown, way: Way, at: number, events: EngineEvents) => {
    const one: Opened = { way, at, events, renewed: [], chosen: [], heard: [], closed: false };
    opened.push(one);
    return Promise.resolve({
      choose: (index: number) => one.chosen.push(index),
      listen: (index: number) => one.heard.push(index),
      hurry: () => undefined,
      renew: (url: string) => {
        one.renewed.push(url);
        return way.kind === 'hls';
      },
      close: () => (one.closed = true),
    });
  },
}));

// The client proper wants a browser's idea of relative addresses.
vi.mock('../api/client', async (load) => ({
  ...(await load<typeof import('../api/client')>()),
  api: {
    GET: async (path: string) => {
      const response = await fetch(path);
      const body: unknown = await response.json().catch(() => null);
      return response.ok ? { data: body, response } : { error: body, response };
    },
  },
}));

const HOUR = 3_600_000;
let token: number;
let playback: Record<string, unknown>;
let answers: ((url: string) => Response | null)[];

function film(id = `t${token}`) {
  return {
    sources: [
      {
        type: 'application/vnd.apple.mpegurl',
        url: `http://house.test/media/${id}/f/master.m3u8`,
        width: null,
        height: null,
      },
      { type: 'video/mp4', url: `http://house.test/media/${id}/f/original`, width: 640, height: 360 },
    ],
    subtitles: [],
    sprites: null,
    position: 0,
    expires_at: new Date(Date.now() + HOUR).toISOString(),
    ...playback,
  };
}

const video = (fields: object = {}) =>
  ({
    currentTime: 0,
    paused: true,
    pause: () => undefined,
    play: () => Promise.resolve(),
    ...fields,
  }) as HTMLVideoElement;

const last = () => opened.at(-1) as Opened;
const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  opened.length = 0;
  token = 1;
  playback = {};
  answers = [];
  const kept = new Map<string, string>();
  vi.stubGlobal('localStorage', {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => kept.set(name, value),
  });
  vi.stubGlobal('location', { href: 'http://house.test/' });
  vi.stubGlobal('fetch', (asked: Request | string) => {
    const url = typeof asked === 'string' ? asked : asked.url;
    for (const answer of answers) {
      const found = answer(url);
      if (found) return Promise.resolve(found);
    }
    if (url.includes('/playback')) return Promise.resolve(Response.json(film()));
    return Promise.resolve(new Response('nothing', { status: 404 }));
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function open(fields: object = {}, duration: number | null = 600) {
  const reel = new Reel({ id: 'f', duration });
  reel.open(video(fields));
  await settle();
  return reel;
}

describe('a film in the projector', () => {
  it('begins where it was left, and says so', async () => {
    playback = { position: 200 };
    const reel = await open();
    expect(last()).toMatchObject({ at: 200, way: { kind: 'hls' } });
    expect(reel.resumedAt).toBe(200);
    reel.ranTo(213);
    expect(reel.resumedAt).toBe(0);
  });

  it('plays in the quality that was chosen before', async () => {
    const reel = await open();
    reel.choose(720);
    reel.close();
    const next = await open();
    last().events.levels([
      { lines: 360, bitrate: 1 },
      { lines: 720, bitrate: 2 },
    ]);
    await settle();
    expect(next.chosen).toBe(720);
    expect(last().chosen).toEqual([1]);
    last().events.playing(1);
    expect(next.shown).toBe(720);
  });

  it('is heard in the language that was chosen before, and after a break in the same', async () => {
    const sounds = ['en', 'de', 'en'].map((language, index) => ({ label: `${language} ${index}`, language }));
    const reel = await open({ currentTime: 9 });
    last().events.sounds(sounds);
    await settle();
    expect([reel.heard, last().heard]).toEqual([0, []]);
    reel.listen(2);
    expect(last().heard).toEqual([2]);
    last().events.fault('refused');
    await settle(1);
    last().events.sounds(sounds);
    await settle();
    expect([reel.heard, last().heard]).toEqual([2, [2]]);
    reel.listen(1);
    const next = await open();
    last().events.sounds(sounds.slice(0, 2));
    await settle();
    expect([next.heard, last().heard]).toEqual([1, [1]]);
    const other = await open();
    last().events.sounds(sounds.slice(0, 1));
    await settle();
    expect([other.heard, last().heard]).toEqual([0, []]);
  });

  it('has new addresses before the old ones end, without a break', async () => {
    await open();
    token = 2;
    await settle(0.9 * HOUR + 1);
    expect(opened).toHaveLength(1);
    expect(last().renewed).toEqual(['http://house.test/media/t2/f/master.m3u8']);
    token = 3;
    await settle(0.9 * HOUR + 1);
    expect(last().renewed.at(-1)).toContain('/t3/');
  });

  it('asks again in a minute when the house had no new addresses', async () => {
    await open();
    answers = [(url) => (url.includes('/playback') ? new Response('', { status: 503 }) : null)];
    await settle(0.9 * HOUR + 1);
    answers = [];
    token = 2;
    await settle(6 * 60_000);
    expect(last().renewed.at(-1)).toContain('/t2/');
  });

  it('goes on where it broke, with new addresses', async () => {
    const reel = await open({ currentTime: 42, paused: false });
    token = 2;
    last().events.fault('refused');
    expect(reel.mending).toBe(true);
    await settle(1);
    expect(last()).toMatchObject({ at: 42, way: { url: 'http://house.test/media/t2/f/master.m3u8' } });
    expect(opened[0]?.closed).toBe(true);
    expect(reel.mending).toBe(false);
  });

  it('is the plain file when the browser cannot read the playlist, and nothing when it can read neither', async () => {
    const reel = await open({ currentTime: 5 });
    last().events.fault('format');
    await settle();
    expect(last()).toMatchObject({ at: 5, way: { kind: 'file' } });
    // A refusal looks the same: it is asked for once more.
    last().events.fault('format');
    await settle(1);
    expect(last().way.kind).toBe('file');
    last().events.fault('format');
    await settle();
    expect(reel.unplayable).toBe(true);
  });

  it('says in the words of the house why it stopped', async () => {
    const body = { code: 'too_many_streams', detail: 'You watch on three devices already.' };
    answers = [(url) => (url.includes('/media/') ? Response.json(body, { status: 429 }) : null)];
    const reel = await open({ currentTime: 42 });
    for (let tries = 0; tries < 5; tries += 1) {
      last().events.fault('refused', 'http://house.test/media/t1/f/360p/media.mp4');
      await settle(10_000);
    }
    expect(reel.problem?.message).toBe('You watch on three devices already.');
    answers = [];
    reel.retry();
    await settle();
    expect(reel.problem).toBeNull();
    expect(last()).toMatchObject({ at: 42, way: { kind: 'hls' } });
  });

  it('is not given to whoever may not have it', async () => {
    const body = { code: 'not_entitled', detail: 'Buy this film to watch it.' };
    answers = [(url) => (url.includes('/playback') ? Response.json(body, { status: 403 }) : null)];
    const reel = await open();
    expect(reel.problem?.message).toBe('Buy this film to watch it.');
    expect(opened).toHaveLength(0);
  });

  it('waits for a house that is away, and then begins', async () => {
    answers = [(url) => (url.includes('/playback') ? new Response('', { status: 503 }) : null)];
    const reel = await open();
    expect(reel.mending).toBe(true);
    answers = [];
    await settle(2000);
    expect(reel.mending).toBe(false);
    expect(opened).toHaveLength(1);
  });

  it('does nothing any more when it is closed', async () => {
    const reel = await open();
    reel.close();
    last().events.fault('network');
    await settle(5 * HOUR);
    expect(opened).toHaveLength(1);
    expect(last().closed).toBe(true);
    expect(last().renewed).toEqual([]);
  });
});
