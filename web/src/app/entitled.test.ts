import { describe, expect, it } from 'vitest';
import { mayWatchWhole } from './entitled';

describe('a whole film', () => {
  it.each([
    ['published', 0, false, 'member', true],
    ['published', 490, true, 'member', true],
    ['published', 490, false, 'member', false],
    ['published', 490, false, 'admin', true],
    ['processing', 0, true, 'admin', false],
  ] as const)('that is %s at %s, owned: %s, may be seen by a %s: %s', (state, price, owned, role, may) => {
    expect(mayWatchWhole({ state, price, owned }, { role })).toBe(may);
  });
});
