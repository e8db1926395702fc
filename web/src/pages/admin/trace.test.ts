import { describe, expect, it } from 'vitest';
import { Rate, Recent, tracePath } from './trace';

describe('a chart', () => {
  it('stands in its box', () => {
    expect(tracePath([0, 5, 10], 300, 54)).toBe('M0,54 L150,29 L300,4');
    expect(tracePath([0, 0], 10, 10)).toBe('M0,10 L10,10');
    expect([tracePath([], 10, 10), tracePath([1], 10, 10)]).toEqual(['', '']);
  });

  it('keeps what is recent', () => {
    const recent = new Recent(3);
    for (const value of [1, 2, 3, 4]) recent.add(value);
    expect(recent.values).toEqual([2, 3, 4]);
  });

  it('knows a rate only from two readings, and not over a restart', () => {
    const rate = new Rate();
    expect(rate.next(100, 1000)).toBeNull();
    expect(rate.next(110, 3000)).toBe(5);
    expect(rate.next(3, 5000)).toBeNull();
    expect(rate.next(5, 6000)).toBe(2);
  });
});
