import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { whenAtHome } from './quiet.svelte';

describe('what waits for somebody to be at home', () => {
  let page: EventTarget;

  beforeEach(() => {
    vi.useFakeTimers();
    page = new EventTarget();
    vi.stubGlobal('window', {});
    vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
    vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
  });

  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it('begins with the first touch, once', () => {
    const work = vi.fn();
    whenAtHome(work);
    vi.advanceTimersByTime(2000);
    expect(work).not.toHaveBeenCalled();
    page.dispatchEvent(new Event('pointerdown'));
    page.dispatchEvent(new Event('keydown'));
    vi.advanceTimersByTime(60_000);
    expect(work).toHaveBeenCalledTimes(1);
  });

  it('begins in the end for somebody who only looks', () => {
    const work = vi.fn();
    whenAtHome(work);
    vi.advanceTimersByTime(20_000);
    expect(work).toHaveBeenCalledTimes(1);
  });
});
