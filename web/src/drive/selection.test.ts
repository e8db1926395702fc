import { describe, expect, it } from 'vitest';
import { all, band, keepWithin, moveBy, NOTHING, press, toggle, type Selection } from './selection';

const LIST = ['a', 'b', 'c', 'd', 'e'];
const ids = ({ ids: chosen }: Selection) => [...chosen].sort().join('');

describe('a selection', () => {
  it('is what was pressed, alone', () => {
    const one = press(LIST, press(LIST, NOTHING, 'a'), 'c');
    expect(ids(one)).toBe('c');
    expect(one.active).toBe('c');
  });

  it('grows and shrinks with Ctrl', () => {
    const two = press(LIST, press(LIST, NOTHING, 'a'), 'c', { toggle: true });
    expect(ids(two)).toBe('ac');
    expect(ids(press(LIST, two, 'a', { toggle: true }))).toBe('c');
  });

  it('spans from the anchor with Shift, both ways, and turns around', () => {
    const from = press(LIST, NOTHING, 'c');
    const down = press(LIST, from, 'e', { shift: true });
    expect(ids(down)).toBe('cde');
    expect(ids(press(LIST, down, 'a', { shift: true }))).toBe('abc');
  });

  it('adds a range with Ctrl and Shift', () => {
    const first = toggle(press(LIST, NOTHING, 'a'), 'd');
    expect(ids(press(LIST, first, 'e', { shift: true, toggle: true }))).toBe('ade');
  });

  it('follows the arrow keys and stops at both ends', () => {
    const start = moveBy(LIST, NOTHING, 1);
    expect(start.active).toBe('a');
    expect(moveBy(LIST, start, -1).active).toBe('a');
    expect(moveBy(LIST, start, 99).active).toBe('e');
    expect(moveBy(LIST, NOTHING, -1).active).toBe('e');
    expect(ids(moveBy(LIST, moveBy(LIST, start, 1, { shift: true }), 1, { shift: true }))).toBe('abc');
  });

  it('lets the keyboard walk with Ctrl and take with Space', () => {
    const walked = moveBy(LIST, press(LIST, NOTHING, 'a'), 2, { toggle: true });
    expect(ids(walked)).toBe('a');
    expect(walked.active).toBe('c');
    expect(ids(toggle(walked, 'c'))).toBe('ac');
  });

  it('takes everything, and what a band caught on top of what was there', () => {
    expect(ids(all(LIST, NOTHING))).toBe('abcde');
    expect(ids(band(new Set(['e']), ['a', 'b']))).toBe('abe');
  });

  it('moves on to the neighbour when rows go away', () => {
    const chosen = press(LIST, press(LIST, NOTHING, 'b'), 'c', { shift: true });
    const after = keepWithin(['a', 'd', 'e'], chosen, LIST);
    expect(ids(after)).toBe('');
    expect(after.active).toBe('d');
    expect(keepWithin(['a'], press(LIST, NOTHING, 'e'), LIST).active).toBe('a');
    expect(keepWithin(LIST, chosen, LIST)).toBe(chosen);
  });

  it('does nothing in an empty list', () => {
    expect(moveBy([], NOTHING, 1)).toBe(NOTHING);
    expect(all([], NOTHING).active).toBeNull();
  });
});
