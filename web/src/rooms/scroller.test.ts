import { describe, expect, it } from 'vitest';
import { Heights } from './heights';
import { END, Scroller } from './scroller';
import { processorTime } from '../testing/processor';

const keys = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `k${from + index}`);

describe('heights', () => {
  it('sum up as plain addition does, whatever is measured, put in front or taken away', () => {
    const heights = new Heights(50);
    let list = keys(0, 40);
    const known = new Map<string, number>();
    let seed = 7;
    const random = (below: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below;
    for (let turn = 0; turn < 300; turn += 1) {
      const what = random(4);
      if (what === 0) list = [...keys(-1000 - turn * 10, -1000 - turn * 10 + random(6)), ...list];
      if (what === 1) list = [...list, ...keys(1000 + turn * 10, 1000 + turn * 10 + random(6))];
      if (what === 2 && list.length > 5) list = list.slice(0, list.length - random(4));
      heights.follow(list);
      const at = random(list.length);
      known.set(list[at] ?? '', 20 + random(200));
      heights.measure(at, known.get(list[at] ?? '') ?? 0);
      const sum = list.reduce((total, key) => total + (known.get(key) ?? 50), 0);
      expect(heights.total).toBeCloseTo(sum, 6);
      const half = Math.floor(list.length / 2);
      const before = list.slice(0, half).reduce((total, key) => total + (known.get(key) ?? 50), 0);
      expect(heights.offsetOf(half)).toBeCloseTo(before, 6);
      expect(heights.indexAt(before + 1)).toBe(half);
    }
  });

  it('follow a change of order at the end', () => {
    const heights = new Heights(10);
    heights.follow(['a', 'b', 'c']);
    heights.measure(1, 30);
    heights.follow(['a', 'x', 'b', 'c']);
    expect([0, 1, 2, 3].map((index) => heights.heightOf(index))).toEqual([10, 10, 30, 10]);
    expect(heights.total).toBe(60);
  });

  it('know the first and the last row beyond the ends', () => {
    const heights = new Heights(10);
    expect(heights.indexAt(5)).toBe(0);
    heights.follow(keys(0, 10));
    expect([heights.indexAt(-50), heights.indexAt(0), heights.indexAt(99.9), heights.indexAt(5000)]).toEqual([
      0, 0, 9, 9,
    ]);
  });
});

describe('a list of a hundred thousand', () => {
  const scroller = new Scroller(60);
  const list = keys(0, 100_000);
  scroller.heights.follow(list);

  it('has few rows wherever it stands, and says how much is around them', () => {
    for (const top of [0, 12_345, 3_000_000, 5_999_000]) {
      const span = scroller.spanAt(top, 800);
      expect(span.to - span.from).toBeLessThan(40);
      const shown = scroller.heights.offsetOf(span.to) - span.before;
      expect(span.before + shown + span.after).toBeCloseTo(6_000_000);
      expect(span.before).toBeLessThanOrEqual(top);
    }
  });

  it('stays at its end while rows come and are measured', () => {
    expect(scroller.topOf(END, 800)).toBe(6_000_000 - 800);
    scroller.heights.measure(99_999, 100);
    expect(scroller.topOf(END, 800)).toBe(6_000_040 - 800);
  });

  it('stays with a row while others come before it and are measured', () => {
    const hold = scroller.holdAt(30_030, (index) => list[index]);
    expect(hold).toEqual({ kind: 'row', key: 'k500', offset: -30 });
    expect(scroller.topOf(hold, 800)).toBe(30_030);
    scroller.heights.follow([...keys(-200, 0), ...list]);
    expect(scroller.topOf(hold, 800)).toBe(30_030 + 200 * 60);
    scroller.heights.measure(100, 160);
    expect(scroller.topOf(hold, 800)).toBe(30_030 + 200 * 60 + 100);
  });

  it('is quick about it', () => {
    const began = processorTime();
    for (let turn = 0; turn < 10_000; turn += 1) {
      scroller.heights.measure((turn * 7919) % 100_000, 40 + (turn % 90));
      scroller.spanAt((turn * 500) % 6_000_000, 800);
    }
    expect(processorTime() - began).toBeLessThan(1000);
  });
});
