import { describe, expect, it } from 'vitest';
import { boxBetween, columnsIn, itemsIn, scrollFor, windowOf } from './windowing';

const LIST = { count: 10_000, columns: 1, lineHeight: 50, columnWidth: 800 };
const GRID = { count: 10, columns: 4, lineHeight: 100, columnWidth: 100 };

describe('a long list', () => {
  it('has few rows wherever it stands', () => {
    for (const top of [-200, 0, 123_456, 499_000, 9_000_000]) {
      const seen = windowOf(LIST, top, 900);
      expect(seen.to - seen.from).toBeLessThan(40);
      expect(seen.height).toBe(500_000);
      expect(seen.offset).toBe(seen.from * 50);
    }
  });

  it('shows every row that touches the screen', () => {
    const seen = windowOf(LIST, 1010, 900, 0);
    expect([seen.from, seen.to]).toEqual([20, 39]);
  });

  it('takes whole lines of a grid, and the last one as it is', () => {
    expect(windowOf(GRID, 0, 1000)).toEqual({ from: 0, to: 10, offset: 0, height: 300 });
    expect(windowOf({ ...GRID, count: 0 }, 0, 1000)).toEqual({ from: 0, to: 0, offset: 0, height: 0 });
  });

  it('has as many columns as fit, and one at least', () => {
    expect(columnsIn(430, 100, 10)).toBe(4);
    expect(columnsIn(428, 100, 10)).toBe(3);
    expect(columnsIn(10, 100, 10)).toBe(1);
  });
});

describe('a rubber band', () => {
  it('catches what it touches, drawn from any corner', () => {
    expect(itemsIn(LIST, boxBetween(10, 160, 5, 60))).toEqual([1, 2, 3]);
    expect(itemsIn(GRID, boxBetween(150, 20, 250, 120))).toEqual([1, 2, 5, 6]);
  });

  it('catches nothing beside, above or below the list', () => {
    expect(itemsIn(GRID, boxBetween(0, -90, 400, -10))).toEqual([]);
    expect(itemsIn(GRID, boxBetween(0, 400, 400, 900))).toEqual([]);
    expect(itemsIn(GRID, boxBetween(250, 210, 390, 290))).toEqual([]);
    expect(itemsIn({ ...GRID, count: 0 }, boxBetween(0, 0, 400, 400))).toEqual([]);
  });
});

describe('scrolling to a row', () => {
  it('goes as far as needed and no further', () => {
    expect(scrollFor(LIST, 0, 300, 900, [100, 50])).toBe(-400);
    expect(scrollFor(LIST, 10, 300, 900, [100, 50])).toBe(0);
    expect(scrollFor(LIST, 40, 300, 900, [100, 50])).toBe(2050 - 1150);
  });
});
