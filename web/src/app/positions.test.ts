import { describe, expect, it } from 'vitest';
import { isWorthResuming, PositionKeeper } from './positions';

function keeper() {
  const sent: [number, boolean][] = [];
  return {
    sent,
    keeper: new PositionKeeper('film', (_id, seconds, keepalive) => void sent.push([seconds, keepalive])),
  };
}

describe('the watch position', () => {
  it('is sent every ten seconds of film, on pause and on leaving', () => {
    const { sent, keeper: it } = keeper();
    for (let second = 3; second <= 30; second += 1) it.tick(second);
    it.keep(30.5);
    it.tick(31);
    it.leave(33);
    expect(sent).toEqual([
      [13, false],
      [23, false],
      [30.5, false],
      [33, true],
    ]);
  });

  it('is sent after a leap, either way', () => {
    const { sent, keeper: it } = keeper();
    it.tick(100);
    it.tick(400);
    it.tick(20);
    expect(sent.map(([seconds]) => seconds)).toEqual([400, 20]);
  });

  it('is not sent when nothing was watched, nor twice', () => {
    const { sent, keeper: it } = keeper();
    it.leave(0);
    it.keep(5);
    it.keep(5);
    it.leave(5);
    expect(sent).toEqual([[5, false]]);
  });

  it('is worth resuming neither at the start nor in the credits', () => {
    expect([3, 60, 5390, 5395].map((seconds) => isWorthResuming(seconds, 5400))).toEqual([
      false,
      true,
      false,
      false,
    ]);
    expect([5, 8, 11.6].map((seconds) => isWorthResuming(seconds, 12))).toEqual([false, true, false]);
    expect(isWorthResuming(60, Number.NaN)).toBe(false);
  });
});
