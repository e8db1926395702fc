import { describe, expect, it } from 'vitest';
import { Countdown, isSpoken } from './countdown';

describe('a countdown', () => {
  it('counts towards a moment, however rarely it is asked', () => {
    let now = 5000;
    const countdown = new Countdown(30, () => now);
    expect(countdown.secondsLeft).toBe(30);
    now += 100;
    expect(countdown.secondsLeft).toBe(30);
    now += 20_400;
    expect(countdown.secondsLeft).toBe(10);
    expect(countdown.fraction).toBeCloseTo(0.683, 3);
    now += 3_600_000;
    expect(countdown.secondsLeft).toBe(0);
    expect(countdown.fraction).toBe(1);
  });

  it('is over at the moment, not before', () => {
    let now = 0;
    const countdown = new Countdown(2, () => now);
    now = 1999;
    expect([countdown.isOver, countdown.secondsLeft]).toEqual([false, 1]);
    now = 2000;
    expect([countdown.isOver, countdown.secondsLeft]).toEqual([true, 0]);
  });

  it('of nothing, or of less, is over at once', () => {
    for (const seconds of [0, -3]) {
      const countdown = new Countdown(seconds, () => 0);
      expect([countdown.isOver, countdown.fraction, countdown.secondsLeft]).toEqual([true, 1, 0]);
    }
  });

  it('is spoken now and then only', () => {
    const spoken = Array.from({ length: 31 }, (_, left) => left).filter((left) => isSpoken(left, 30));
    expect(spoken).toEqual([0, 1, 2, 3, 4, 5, 10, 20, 30]);
  });
});
