import { describe, expect, it } from 'vitest';
import { ApiProblem } from '../../../api/problem';
import type { Movie } from '../../../api/types';
import { fingerprint } from '../../../app/fingerprint';
import { KeptUploads } from '../../../uploads/kept';
import type { House } from './house';
import { Publishing } from './publishing.svelte';

const movie = (title: string) => ({ id: title, title }) as Movie;
const terms = { price: 490, category: null, tags: ['own'], publish_at: null };
const film = (name: string, text = name) => new File([text], name, { type: 'video/mp4', lastModified: 1 });

function memory() {
  const map = new Map<string, string>();
  return {
    getItem: (name: string) => map.get(name) ?? null,
    setItem: (name: string, value: string) => void map.set(name, value),
    removeItem: (name: string) => void map.delete(name),
  };
}

/** A house that remembers what it was asked. */
function desk(changes: Partial<House> = {}) {
  const asked: string[] = [];
  const house: House = {
    find: async () => (asked.push('find'), null),
    send: async (file, { onaddress, onprogress }) => {
      asked.push(`send ${file.name}`);
      onaddress(`/api/v1/uploads/${file.name}`);
      onprogress(file.size);
      return `/api/v1/uploads/${file.name}`;
    },
    publish: async (address, title, { price }) => (asked.push(`publish ${address} ${price}`), movie(title)),
    account: () => 'me',
    kept: new KeptUploads('films', memory()),
    ...changes,
  };
  return { asked, list: new Publishing(house) };
}

describe('publishing several films', () => {
  it('takes each file once, and none that is empty', () => {
    const { list } = desk();
    list.add([film('a.mp4'), film('b.mp4'), film('c.mp4', '')]);
    list.add([film('b.mp4')]);
    expect(list.list.map(({ title }) => title)).toEqual(['A', 'B']);
  });

  it('looks, sends and publishes, one after the other', async () => {
    const { list, asked } = desk();
    list.add([film('a.mp4'), film('b.mp4')]);
    let films = 0;
    await list.run(terms, () => (films += 1));
    expect(list.list.map(({ phase, sent }) => [phase, sent])).toEqual([
      ['done', 5],
      ['done', 5],
    ]);
    expect([films, list.isRunning]).toEqual([2, false]);
    const steps = (name: string) => ['find', `send ${name}`, `publish /api/v1/uploads/${name} 490`];
    expect(asked).toEqual([...steps('a.mp4'), ...steps('b.mp4')]);
  });

  it('sends no byte of a film that is here', async () => {
    const print = await fingerprint(film('a.mp4'));
    const find = async (wanted: string) => (wanted === print ? movie('Here already') : null);
    const { list, asked } = desk({ find });
    list.add([film('a.mp4')]);
    await list.run(terms, () => expect.unreachable());
    expect([list.list[0]?.phase, list.list[0]?.movie?.title]).toEqual(['known', 'Here already']);
    expect(asked).toEqual([]);
  });

  it('goes on with the next one when one is refused, and may try it again', async () => {
    let isRefused = true;
    const publish: House['publish'] = async (_address, title) => {
      if (isRefused && title === 'A') throw new ApiProblem(422, { detail: 'This is no film.' });
      return movie(title);
    };
    const { list } = desk({ publish });
    list.add([film('a.mp4'), film('b.mp4')]);
    await list.run(terms, () => undefined);
    expect(list.list.map(({ phase }) => phase)).toEqual(['failed', 'done']);
    expect(list.list[0]?.problem?.message).toBe('This is no film.');
    isRefused = false;
    await list.run(terms, () => undefined);
    list.clearDone();
    expect(list.isEmpty).toBe(true);
  });

  it('stops at a pause, and goes on from there', async () => {
    let pauseAt = 1;
    const send: House['send'] = async (file, { signal, onprogress }) => {
      onprogress(2);
      if ((pauseAt -= 1) === 0) list.list[0]?.pause();
      signal.throwIfAborted();
      onprogress(file.size);
      return '/api/v1/uploads/u1';
    };
    const { list } = desk({ send });
    list.add([film('a.mp4'), film('b.mp4')]);
    await list.run(terms, () => expect.unreachable());
    expect(list.list.map(({ phase }) => phase)).toEqual(['paused', 'chosen']);
    expect(list.list[0]?.sent).toBe(2);
    await list.run(terms, () => undefined);
    expect(list.list.map(({ phase }) => phase)).toEqual(['done', 'done']);
  });

  it('takes up an upload of before, of this account only, and forgets it when the film is there', async () => {
    const kept = new KeptUploads('films', memory());
    const taken: (string | undefined)[] = [];
    let isBroken = true;
    let account = 'me';
    const send: House['send'] = async (_, { address, onaddress }) => {
      taken.push(address);
      onaddress('/api/v1/uploads/u1');
      if (isBroken) throw new ApiProblem(503, { detail: 'Later.' });
      return '/api/v1/uploads/u1';
    };
    const { list } = desk({ send, kept, account: () => account });
    list.add([film('a.mp4')]);
    await list.run(terms, () => expect.unreachable());
    account = 'somebody else';
    await list.run(terms, () => expect.unreachable());
    [account, isBroken] = ['me', false];
    await list.run(terms, () => undefined);
    expect(taken).toEqual([undefined, undefined, '/api/v1/uploads/u1']);
    expect([kept.list('me').length, kept.list('somebody else').length]).toEqual([0, 1]);
  });
});
