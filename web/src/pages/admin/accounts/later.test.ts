import { expect, it } from 'vitest';
import { laterBy } from './later';

it('adds days to what there is, or from now', () => {
  const now = Date.parse('2026-03-01T00:00:00Z');
  expect(laterBy('2026-03-11T00:00:00Z', 30, now)).toBe('2026-04-10T00:00:00.000Z');
  expect(laterBy('2025-01-01T00:00:00Z', 1, now)).toBe('2026-03-02T00:00:00.000Z');
  expect(laterBy(null, 1, now)).toBe('2026-03-02T00:00:00.000Z');
});
