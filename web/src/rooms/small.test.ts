import { describe, expect, it } from 'vitest';
import { Drafts } from './drafts';
import { anEvent, aRoom, BEN } from './events.fixture';
import { standsAbove } from './members.svelte';
import { isWorthTelling, readWish } from './notify';
import { Saying, withoutWriter, withWriter } from './typing';

function store() {
  const map = new Map<string, string>();
  return {
    map,
    getItem: (name: string) => map.get(name) ?? null,
    setItem: (name: string, value: string) => void map.set(name, value),
    removeItem: (name: string) => void map.delete(name),
  };
}

describe('drafts', () => {
  it('are kept for each room and each account, over a reload', () => {
    const kept = store();
    new Drafts('anna', kept).put('a', { body: 'half a sent', replyTo: 'm1' });
    new Drafts('anna', kept).put('b', { body: 'other', replyTo: null });
    expect(new Drafts('anna', kept).get('a')).toEqual({ body: 'half a sent', replyTo: 'm1' });
    expect(new Drafts('ben', kept).get('a').body).toBe('');
  });

  it('are gone when they are empty, and the oldest of very many are', () => {
    const kept = store();
    const drafts = new Drafts('anna', kept);
    for (let room = 0; room < 130; room += 1) drafts.put(String(room), { body: 'x', replyTo: null });
    expect([drafts.has('0'), drafts.has('129')]).toEqual([false, true]);
    for (let room = 0; room < 130; room += 1) drafts.put(String(room), { body: '', replyTo: null });
    expect(kept.map.size).toBe(0);
  });

  it('survive a store that holds something else, or fails', () => {
    const kept = store();
    kept.setItem('playhouse.drafts.anna', '[["a",7],"b",["c",{"body":"ok","replyTo":null}]]');
    expect(new Drafts('anna', kept).get('c').body).toBe('ok');
    expect(new Drafts('anna', kept).get('a').body).toBe('');
    expect(() => new Drafts('anna', null).put('a', { body: 'x', replyTo: null })).not.toThrow();
  });
});

describe('who is writing', () => {
  it('holds for five seconds, or until the message comes', () => {
    const one = withWriter([], 'a', 'anna', 0);
    const two = withWriter(one, 'b', 'ben', 3000);
    expect(two.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(withoutWriter(two, undefined, 5000).map(({ id }) => id)).toEqual(['b']);
    expect(withoutWriter(two, 'b', 3100).map(({ id }) => id)).toEqual(['a']);
    expect(withWriter(two, 'a', 'anna', 4000)).toHaveLength(2);
  });

  it('is said now and then, in each room', () => {
    let now = 0;
    const said: string[] = [];
    const saying = new Saying(
      (room) => said.push(`${room}${now}`),
      () => now,
    );
    for (now = 0; now < 6000; now += 500) saying.typed('a');
    expect(said).toEqual(['a0', 'a2500', 'a5000']);
    saying.typed('b');
    saying.sent();
    saying.typed('b');
    now = 7600;
    saying.typed('b');
    expect(said.slice(3)).toEqual(['b6000', 'b7600']);
  });
});

describe('a notification', () => {
  const moment = { wish: 'mine' as const, me: BEN.id, isSeen: false };
  const group = aRoom();

  it('is for private messages, and where one is named', () => {
    expect(isWorthTelling(anEvent(11), aRoom({ kind: 'private' }), moment)).toBe(true);
    expect(isWorthTelling(anEvent(11, { mentions: [BEN.id] }), group, moment)).toBe(true);
    expect(isWorthTelling(anEvent(11), group, moment)).toBe(false);
    expect(isWorthTelling(anEvent(11), group, { ...moment, wish: 'all' })).toBe(true);
  });

  it('is not for what is seen, read, deleted, one’s own, or no message', () => {
    const all = { ...moment, wish: 'all' as const };
    expect(isWorthTelling(anEvent(11), group, { ...all, isSeen: true })).toBe(false);
    expect(isWorthTelling(anEvent(8), group, all)).toBe(false);
    expect(isWorthTelling(anEvent(11, { deleted: true, body: null }), group, all)).toBe(false);
    expect(isWorthTelling(anEvent(11, { account: BEN }), group, all)).toBe(false);
    expect(isWorthTelling(anEvent(11, { kind: 'edit' }), group, all)).toBe(false);
    expect(isWorthTelling(anEvent(11), group, { ...all, wish: 'off' })).toBe(false);
  });

  it('is off until somebody chooses', () => {
    expect(readWish(null)).toBe('off');
    expect(readWish({ getItem: () => 'nonsense' })).toBe('off');
    expect(readWish({ getItem: () => 'all' })).toBe('all');
  });
});

describe('who may act on whom', () => {
  it.each([
    ['owner', 'moderator', false, true],
    ['owner', 'member', false, true],
    ['moderator', 'member', false, true],
    ['moderator', 'moderator', false, false],
    ['moderator', 'owner', false, false],
    ['member', 'member', false, false],
    ['member', 'owner', true, true],
  ] as const)('%s on %s (admin: %s): %s', (mine, theirs, isAdmin, may) => {
    expect(standsAbove(mine, theirs, isAdmin)).toBe(may);
  });
});
