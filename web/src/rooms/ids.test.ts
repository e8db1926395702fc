import { describe, expect, it } from 'vitest';
import { timeOrderedId } from './ids';

const RANDOM = '3b1e7c52-9f0a-4d6b-a1c2-0123456789ab';

describe('ids of messages', () => {
  it('begin with the time and say that they are of version 7', () => {
    expect(timeOrderedId(0x0199_1234_5678, RANDOM)).toBe('01991234-5678-7d6b-a1c2-0123456789ab');
    expect(timeOrderedId(1.5, RANDOM)).toBe('00000000-0001-7d6b-a1c2-0123456789ab');
  });

  it('grow with the time and differ at the same time', () => {
    const now = Date.now();
    expect(timeOrderedId(now) < timeOrderedId(now + 1)).toBe(true);
    expect(timeOrderedId(now)).not.toBe(timeOrderedId(now));
    expect(timeOrderedId(now)).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });

  it('are whole when the clock is wrong', () => {
    expect(timeOrderedId(-5, RANDOM)).toHaveLength(36);
    expect(timeOrderedId(8.64e15 * 100, RANDOM)).toHaveLength(36);
  });
});
