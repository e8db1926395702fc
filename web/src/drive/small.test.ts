import { describe, expect, it } from 'vitest';
import { commandFor, findByLetter } from './keys';
import { inParallel } from './pool';
import { Batch, questions } from './questions.svelte';
import { expiryTime, hasEnded, isUsedUp, readUses, shareLink } from './shares';
import { Speed } from './speed';
import { entryIn } from './sending';

const key = (name: string, held: Partial<KeyboardEvent> = {}) => ({
  key: name,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...held,
});

describe('speed', () => {
  it('is what came over the last seconds, and says how long the rest takes', () => {
    const speed = new Speed();
    for (let second = 0; second <= 10; second += 1) speed.note(second * 1000, second * 1000);
    expect(speed.bytesPerSecond).toBe(1000);
    expect(speed.secondsFor(5000)).toBe(5);
  });

  it('is unknown at first, and again when the sum falls', () => {
    const speed = new Speed();
    speed.note(0, 0);
    expect(speed.secondsFor(1)).toBeNull();
    speed.note(9000, 1000);
    speed.note(10, 1100);
    expect(speed.bytesPerSecond).toBe(0);
  });
});

describe('things done side by side', () => {
  it('are never more than the limit, and all of them', async () => {
    let [now, most, done] = [0, 0, 0];
    await inParallel([1, 2, 3, 4, 5, 6, 7], 3, async () => {
      most = Math.max(most, (now += 1));
      await Promise.resolve();
      now -= 1;
      done += 1;
    });
    expect([most, done]).toEqual([3, 7]);
  });
});

describe('keys', () => {
  it('step by lines and columns', () => {
    expect(commandFor(key('ArrowDown'), { columns: 4, page: 3 })).toEqual({ do: 'step', by: 4 });
    expect(commandFor(key('PageUp'), { columns: 4, page: 3 })).toEqual({ do: 'step', by: -12 });
    expect(commandFor(key('ArrowRight'), { columns: 1, page: 3 })).toBeNull();
    expect(commandFor(key('a', { ctrlKey: true }), { columns: 1, page: 3 })).toEqual({ do: 'all' });
    expect(commandFor(key('a'), { columns: 1, page: 3 })).toBeNull();
    expect(commandFor(key('Delete'), { columns: 1, page: 3 })).toEqual({ do: 'trash' });
  });

  it('find the next name by its first letter, round the end', () => {
    const items = ['apple', 'Berry', 'avocado'].map((name) => ({ name }));
    expect(findByLetter(items, key('a'), 0)).toBe(2);
    expect(findByLetter(items, key('a'), 2)).toBe(0);
    expect(findByLetter(items, key('b'), -1)).toBe(1);
    expect(findByLetter(items, key('x'), 0)).toBeNull();
    expect(findByLetter([], key('a'), -1)).toBeNull();
  });
});

describe('questions about names', () => {
  const about = (name: string) => ({ name, folder: null, kind: 'move' as const, isOneOfMany: true });

  it('are asked one at a time; an answer for all settles those of its batch only', async () => {
    const [mine, other] = [new Batch(), new Batch()];
    const answers = [
      questions.ask(about('a'), mine),
      questions.ask(about('b'), other),
      questions.ask(about('c'), mine),
    ];
    expect(questions.current?.name).toBe('a');
    questions.answer('rename', true);
    expect(questions.current?.name).toBe('b');
    questions.answer('skip', false);
    expect(questions.current).toBeNull();
    expect(await Promise.all(answers)).toEqual(['rename', 'skip', 'rename']);
    expect(await questions.ask(about('d'), mine)).toBe('rename');
  });
});

describe('shares', () => {
  it('end when they should', () => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    expect(expiryTime('week', now)).toBe('2026-01-08T00:00:00.000Z');
    expect(expiryTime('never')).toBeUndefined();
    expect(hasEnded({ expires_at: '2025-12-31T00:00:00Z' }, now)).toBe(true);
    expect(hasEnded({ expires_at: null }, now)).toBe(false);
    expect(isUsedUp({ uses: 2, max_uses: 2 })).toBe(true);
    expect(isUsedUp({ uses: 2, max_uses: null })).toBe(false);
  });

  it('take whole numbers of downloads', () => {
    expect(readUses(' 3 ')).toBe(3);
    expect(readUses('')).toBeUndefined();
    for (const bad of ['0', '-1', '1.5', 'x', '1e3']) expect(readUses(bad)).toBe('wrong');
  });

  it('have a whole address', () => {
    expect(shareLink({ url: '/s/abc' }, 'https://house.example')).toBe('https://house.example/s/abc');
  });
});

describe('the words of the upload protocol', () => {
  it('name the entry that a file became', () => {
    expect(entryIn('/api/v1/drive/entries/0190-a')).toBe('0190-a');
    expect(entryIn(null)).toBeNull();
  });
});
