import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiProblem, networkProblem } from '../api/problem';
import { fingerprint, KeptUploads } from '../uploads/kept';
import type { Batch, Decision } from './questions.svelte';
import type { Hooks, Sending } from './sending';
import { Uploads, type World } from './uploads.svelte';

interface Flight {
  sending: Sending;
  hooks: Hooks;
  done: (entry: string | null) => void;
  fail: (thrown: unknown) => void;
}

const asFile = (name: string, size = 10) => new File(['x'.repeat(size)], name, { lastModified: 1 });
const plan = (...names: string[]) => ({
  files: names.map((path) => ({ file: asFile(path), path })),
  folders: [],
});
const taken = () => new ApiProblem(409, { code: 'name_taken', detail: 'taken' });

function memory() {
  const map = new Map<string, string>();
  return {
    getItem: (name: string) => map.get(name) ?? null,
    setItem: (name: string, value: string) => void map.set(name, value),
    removeItem: (name: string) => void map.delete(name),
  };
}

function house(changes: Partial<World> = {}) {
  const flights: Flight[] = [];
  const ended: string[] = [];
  const made: string[] = [];
  const arrived: (string | null)[] = [];
  const world: World = {
    send: (sending, hooks) =>
      new Promise((done, fail) => {
        hooks.signal.addEventListener('abort', () => fail(new DOMException('', 'AbortError')));
        flights.push({ sending, hooks, done, fail });
      }),
    end: async (url) => void ended.push(url),
    makeFolder: async (path) => void made.push(path),
    ask: async () => 'skip',
    arrived: (_, entry) => arrived.push(entry),
    account: () => 'me',
    kept: new KeptUploads('drive', memory()),
    now: () => Date.now(),
    ...changes,
  };
  return { uploads: new Uploads(world), world, flights, ended, made, arrived };
}

const settle = () => vi.advanceTimersByTimeAsync(0);
const states = (uploads: Uploads) => uploads.list.map(({ state }) => state).join(' ');

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the queue of uploads', () => {
  it('sends three at a time, in order', async () => {
    const { uploads, flights, arrived } = house();
    await uploads.add(plan('1', '2', '3', '4', '5'), '/in');
    expect(flights.map(({ sending }) => sending.path)).toEqual(['/in/1', '/in/2', '/in/3']);
    flights[1]?.done('id-2');
    await settle();
    expect(flights.at(-1)?.sending.path).toBe('/in/4');
    expect(states(uploads)).toBe('sending done sending sending waiting');
    expect(arrived).toEqual(['id-2']);
  });

  it('makes folders before files, outer ones first', async () => {
    const { uploads, made, flights } = house();
    await uploads.add({ files: plan('a/b/1').files, folders: ['a', 'c', 'a/b'] }, '/');
    expect(made).toEqual(['/a', '/c', '/a/b']);
    expect(flights).toHaveLength(1);
  });

  it('sends nothing when a folder cannot be made, and says why', async () => {
    const { uploads, flights } = house({ makeFolder: () => Promise.reject(taken()) });
    await uploads.add({ files: plan('a/1').files, folders: ['a'] }, '/');
    expect(flights).toHaveLength(0);
    expect(uploads.problem?.message).toBe('taken');
    expect(uploads.preparing).toBe(0);
  });

  it('pauses, frees the lane, and goes on where it stood', async () => {
    const { uploads, flights } = house();
    await uploads.add(plan('1', '2', '3', '4'), '/');
    const [first] = uploads.list;
    if (!first) throw new Error('nothing queued');
    flights[0]?.hooks.onUrl('/api/v1/uploads/u1');
    uploads.pause(first);
    await settle();
    expect(states(uploads)).toBe('paused sending sending sending');
    uploads.resume(first);
    expect(first.state).toBe('waiting');
    flights[1]?.done(null);
    await settle();
    expect(flights.at(-1)?.sending).toMatchObject({ path: '/1', url: '/api/v1/uploads/u1' });
  });

  it('can be paused and resumed at once, without a second flight beside the first', async () => {
    const { uploads, flights } = house();
    await uploads.add(plan('1'), '/');
    const [first] = uploads.list;
    if (!first) throw new Error('nothing queued');
    uploads.pause(first);
    uploads.resume(first);
    expect(flights).toHaveLength(1);
    await settle();
    expect(flights).toHaveLength(2);
    expect(first.state).toBe('sending');
  });

  it('tries again after growing pauses when the house does not answer', async () => {
    const { uploads, flights } = house();
    await uploads.add(plan('1'), '/');
    for (const [index, pause] of [1000, 2000, 4000].entries()) {
      flights[index]?.fail(networkProblem());
      await settle();
      expect(states(uploads)).toBe('resting');
      await vi.advanceTimersByTimeAsync(pause - 1);
      expect(flights).toHaveLength(index + 1);
      await vi.advanceTimersByTimeAsync(1);
      expect(flights).toHaveLength(index + 2);
    }
  });

  it('gives up after many attempts without a byte, and can be told to try again', async () => {
    const { uploads, flights } = house();
    await uploads.add(plan('1'), '/');
    for (let turn = 0; turn < 13; turn += 1) {
      flights.at(-1)?.fail(networkProblem());
      await vi.advanceTimersByTimeAsync(30_000);
    }
    expect(states(uploads)).toBe('failed');
    const [first] = uploads.list;
    if (first) uploads.resume(first);
    expect(states(uploads)).toBe('sending');
  });

  it('stops at once at what will not change by itself, in the words of the house', async () => {
    const { uploads, flights } = house();
    await uploads.add(plan('1'), '/');
    flights[0]?.fail(new ApiProblem(507, { code: 'over_quota', detail: 'No room.' }));
    await settle();
    expect(states(uploads)).toBe('failed');
    expect(uploads.list[0]?.problem?.message).toBe('No room.');
  });

  it('cancels: what arrived is removed and nothing is kept', async () => {
    const { uploads, flights, ended, world } = house();
    await uploads.add(plan('1'), '/');
    flights[0]?.hooks.onUrl('/api/v1/uploads/u1');
    expect(world.kept.list('me')).toHaveLength(1);
    const [first] = uploads.list;
    if (first) uploads.cancel(first);
    await settle();
    expect(ended).toEqual(['/api/v1/uploads/u1']);
    expect(uploads.list).toEqual([]);
    expect(world.kept.list('me')).toEqual([]);
  });

  it('counts what has arrived and what is left', async () => {
    const { uploads, flights } = house();
    await uploads.add(plan('1', '2'), '/');
    flights[0]?.done(null);
    flights[1]?.hooks.onProgress(4);
    await vi.advanceTimersByTimeAsync(300);
    expect(uploads.figures).toMatchObject({ total: 2, done: 1, open: 1, bytes: 20, sent: 14 });
  });
});

describe('a name that is taken', () => {
  const asks = (decisions: Decision[]) => {
    const batches: Batch[] = [];
    const ask = (_: unknown, batch: Batch) => {
      batches.push(batch);
      return Promise.resolve(decisions.shift() ?? 'skip');
    };
    return { ask, batches };
  };

  it('is replaced or kept beside, as decided', async () => {
    const { ask, batches } = asks(['replace', 'rename']);
    const { uploads, flights } = house({ ask });
    await uploads.add(plan('1', '2'), '/');
    flights[0]?.fail(taken());
    flights[1]?.fail(taken());
    await settle();
    expect(flights.slice(2).map(({ sending }) => sending.rule)).toEqual(['replace', 'rename']);
    expect(batches[0]).toBe(batches[1]);
  });

  it('is skipped, and its bytes go', async () => {
    const { uploads, flights, ended } = house({ ask: asks(['skip']).ask });
    await uploads.add(plan('1'), '/');
    flights[0]?.hooks.onUrl('/api/v1/uploads/u1');
    flights[0]?.fail(taken());
    await settle();
    expect(uploads.list).toEqual([]);
    expect(ended).toEqual(['/api/v1/uploads/u1']);
  });

  it('does not ask for ever: a folder in the way of "replace" is a failure', async () => {
    const { uploads, flights } = house({ ask: asks(['replace', 'replace']).ask });
    await uploads.add(plan('1'), '/');
    flights[0]?.fail(taken());
    await settle();
    flights[1]?.fail(taken());
    await settle();
    expect(states(uploads)).toBe('failed');
  });
});

describe('after a reload', () => {
  it('shows what was under way, and goes on with the same file only', async () => {
    const kept = new KeptUploads('drive', memory());
    const before = house({ kept });
    await before.uploads.add(plan('film.mp4'), '/in');
    before.flights[0]?.hooks.onUrl('/api/v1/uploads/u1');

    const { uploads, flights } = house({ kept });
    uploads.recall();
    const [lost] = uploads.list;
    expect(lost).toMatchObject({ state: 'lost', path: '/in/film.mp4' });
    if (!lost) return;
    uploads.resume(lost);
    expect(lost.state).toBe('lost');
    expect(uploads.giveFile(lost, asFile('film.mp4', 11))).toBe(false);
    expect(uploads.giveFile(lost, asFile('film.mp4'))).toBe(true);
    expect(flights[0]?.sending.url).toBe('/api/v1/uploads/u1');
    flights[0]?.done('id');
    await settle();
    expect(kept.list('me')).toEqual([]);
  });

  it('knows the file again when it is dropped once more', async () => {
    const kept = new KeptUploads('drive', memory());
    const file = asFile('film.mp4');
    const print = fingerprint('/film.mp4', file);
    kept.put({
      print,
      account: 'me',
      url: '/api/v1/uploads/u1',
      path: '/film.mp4',
      size: 10,
      modified: 1,
      rule: 'rename',
    });
    const { uploads, flights } = house({ kept });
    uploads.recall();
    await uploads.add({ files: [{ file, path: 'film.mp4' }], folders: [] }, '/');
    expect(uploads.list).toHaveLength(1);
    expect(flights[0]?.sending).toMatchObject({ url: '/api/v1/uploads/u1', rule: 'rename' });
  });

  it('shows nobody what somebody else began, and asks no foreign address', () => {
    const store = memory();
    const kept = new KeptUploads('drive', store);
    const one = {
      print: 'p',
      account: 'you',
      url: '/api/v1/uploads/u',
      path: '/a',
      size: 1,
      modified: 1,
      rule: 'fail' as const,
    };
    kept.put(one);
    kept.put({ ...one, account: 'me', url: 'https://elsewhere.example/' });
    expect(kept.list('me')).toEqual([]);
    store.setItem('playhouse.uploads', 'not json');
    expect(kept.list('you')).toEqual([]);
  });
});
