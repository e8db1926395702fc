import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keepAsking } from './acts';

describe('what becomes of deliveries', () => {
  const page = { hidden: false };
  let asked: number;
  const renew = async () => void (asked += 1);

  beforeEach(() => {
    [asked, page.hidden] = [0, false];
    vi.useFakeTimers();
    vi.stubGlobal('document', page);
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it.each([
    ['soon while something is on its way', true, 15],
    ['now and then otherwise', false, 6],
  ])('is asked for %s, until nobody wants to know', (_name, isUnderWay, times) => {
    const stop = keepAsking(renew, isUnderWay);
    vi.advanceTimersByTime(30_000);
    expect(asked).toBe(times);
    stop();
    vi.advanceTimersByTime(30_000);
    expect(asked).toBe(times);
  });

  it('is not asked for while nobody looks', () => {
    const stop = keepAsking(renew, true);
    page.hidden = true;
    vi.advanceTimersByTime(30_000);
    expect(asked).toBe(0);
    page.hidden = false;
    vi.advanceTimersByTime(2000);
    expect(asked).toBe(1);
    stop();
  });
});
