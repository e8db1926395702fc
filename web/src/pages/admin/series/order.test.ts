import { describe, expect, it } from 'vitest';
import { endOf, readNumber, stepsTo, type Step } from './order';

const at = (id: string, season: number, episode: number): Step => ({ id, season, episode });
const places = [at('a', 1, 1), at('b', 1, 2), at('c', 2, 1), at('d', 2, 5)];

/** A house that refuses a place that another film has. */
function run(from: readonly Step[], steps: readonly Step[]): string[] {
  let now = [...from];
  for (const step of steps) {
    const others = now.filter(({ id }) => id !== step.id);
    expect(others.some(({ season, episode }) => season === step.season && episode === step.episode)).toBe(
      false,
    );
    now = [...others, step];
    expect(now).toHaveLength(from.length);
  }
  return now
    .sort((a, b) => a.season - b.season || a.episode - b.episode)
    .map(({ id, season, episode }) => `${id} ${season}.${episode}`);
}

describe('the order of a series', () => {
  it.each([
    ['b', -1, ['b 1.1', 'a 1.2', 'c 2.1', 'd 2.5']],
    ['a', 1, ['b 1.1', 'a 1.2', 'c 2.1', 'd 2.5']],
    ['d', -1, ['a 1.1', 'b 1.2', 'd 2.1', 'c 2.5']],
    ['c', -1, ['a 1.1', 'b 1.2', 'c 1.3', 'd 2.5']],
    ['b', 1, ['a 1.1', 'c 2.1', 'd 2.5', 'b 2.6']],
    ['a', -1, ['a 1.1', 'b 1.2', 'c 2.1', 'd 2.5']],
    ['d', 1, ['a 1.1', 'b 1.2', 'c 2.1', 'd 2.5']],
  ] as const)('moves %s by %s without ever asking for a place that is taken', (id, by, expected) => {
    expect(run(places, stepsTo(places, id, by))).toEqual(expected);
  });

  it('goes before the first of the next season where there is room', () => {
    const gap = [at('a', 1, 1), at('b', 2, 3)];
    expect(run(gap, stepsTo(gap, 'a', 1))).toEqual(['a 2.2', 'b 2.3']);
  });

  it('changes places at the very last number too', () => {
    const full = [at('a', 1, 9998), at('b', 1, 9999)];
    expect(run(full, stepsTo(full, 'b', -1))).toEqual(['b 1.9998', 'a 1.9999']);
  });

  it('puts a new film behind the last one', () => {
    expect(endOf(places)).toEqual({ season: 2, episode: 6 });
    expect(endOf([])).toEqual({ season: 1, episode: 1 });
    expect(endOf([at('a', 1, 9999)])).toBeNull();
  });

  it.each([
    ['7', 7],
    [' 12 ', 12],
    ['9999', 9999],
    ['0', null],
    ['10000', null],
    ['1.5', null],
    ['', null],
    ['-1', null],
  ])('reads %j as %s', (typed, number) => {
    expect(readNumber(typed)).toBe(number);
  });
});
