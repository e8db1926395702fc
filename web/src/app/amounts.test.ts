import { describe, expect, it } from 'vitest';
import { readAmount, readLocalTime, readTags, writeLocalTime } from './amounts';

describe('what was typed', () => {
  it.each([
    ['4.90', 2, 490],
    ['4,9', 2, 490],
    ['4', 2, 400],
    ['4.', 2, 400],
    ['-12.50', 2, -1250],
    ['−1', 2, -100],
    ['-0', 2, 0],
    ['1 000', 0, 1000],
    ['1.234', 3, 1234],
    ['0.001', 2, null],
    ['1.5', 0, null],
    ['1,000.00', 2, null],
    ['four', 2, null],
    ['', 2, null],
    ['9'.repeat(14), 2, null],
  ])('%j with %i digits is %j', (text, digits, expected) => {
    expect(readAmount(text, digits)).toBe(expected);
  });

  it('is a moment, there and back', () => {
    const iso = '2026-03-01T20:15:00.000Z';
    expect(readLocalTime(writeLocalTime(iso))).toBe(iso);
    expect([readLocalTime(''), readLocalTime('soon'), writeLocalTime(null)]).toEqual([null, null, '']);
  });

  it('is a list of tags, each once', () => {
    expect(readTags(' sea, night ,, sea，夜')).toEqual(['sea', 'night', '夜']);
  });
});
