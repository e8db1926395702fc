import { describe, expect, it } from 'vitest';
import { ApiProblem, networkProblem } from '../api/problem';
import { PAUSES_MS, pauseAfter } from './patience';

const problem = (status: number, code = 'x', retryAfter?: number) =>
  new ApiProblem(status, { code, title: code }, retryAfter);

describe('after a break', () => {
  it('an upload waits longer each time, and asks somebody in the end', () => {
    const pauses = PAUSES_MS.map((_, failures) => pauseAfter(networkProblem(), failures));
    expect(pauses).toEqual([...PAUSES_MS]);
    expect([...pauses].sort((a, b) => Number(a) - Number(b))).toEqual(pauses);
    expect(pauseAfter(networkProblem(), PAUSES_MS.length)).toBeNull();
    expect(pauseAfter(networkProblem(), 0, [])).toBeNull();
  });

  it('it waits as long as the house says, and not for what does not pass', () => {
    expect(pauseAfter(problem(429, 'too_many_requests', 20), 0)).toBe(20_000);
    expect(pauseAfter(problem(409, 'offset_mismatch'), 0)).toBe(1000);
    expect(pauseAfter(problem(409, 'name_taken'), 0)).toBeNull();
    expect(pauseAfter(problem(507, 'over_quota'), 0)).toBeNull();
    expect(pauseAfter(problem(403, 'forbidden'), 0)).toBeNull();
  });
});
