import { describe, expect, it } from 'vitest';
import { ApiProblem } from '../api/problem';
import { Stars } from './stars.svelte';

/** A house that answers when it is told to. */
function house(mine: number | null = null) {
  const asked: (number | null)[] = [];
  let stars = mine;
  let gates: (() => void)[] = [];
  let refusal: ApiProblem | null = null;
  const keep = async (value: number | null) => {
    asked.push(value);
    await new Promise<void>((open) => gates.push(open));
    if (refusal) throw refusal;
    stars = value;
  };
  const calls = {
    read: () => Promise.resolve({ average: stars, count: stars === null ? 0 : 1, stars }),
    give: (value: number) => keep(value),
    takeBack: () => keep(null),
  };
  return {
    calls,
    asked,
    refuse: () => (refusal = new ApiProblem(429, { detail: 'Slower.' })),
    answer: async () => {
      gates.forEach((open) => open());
      gates = [];
      for (let turn = 0; turn < 12; turn += 1) await Promise.resolve();
    },
  };
}

describe('the stars of a film', () => {
  it('show what was chosen at once, and the new average once the house has it', async () => {
    const { calls, asked, answer } = house();
    const stars = new Stars(calls);
    await stars.load();
    const chosen = stars.choose(4);
    expect(stars.own).toBe(4);
    expect(stars.rating?.count).toBe(0);
    await answer();
    expect(await chosen).toBeNull();
    expect(asked).toEqual([4]);
    expect(stars.rating).toEqual({ average: 4, count: 1, stars: 4 });
    expect(stars.own).toBe(4);
  });

  it('send only the last of many choices made while one is on its way', async () => {
    const { calls, asked, answer } = house();
    const stars = new Stars(calls);
    await stars.load();
    const first = stars.choose(1);
    void stars.choose(2);
    void stars.choose(3);
    void stars.choose(5);
    expect(stars.own).toBe(5);
    await answer();
    await answer();
    expect(await first).toBeNull();
    expect(asked).toEqual([1, 5]);
    expect(stars.own).toBe(5);
  });

  it('can be taken back', async () => {
    const { calls, asked, answer } = house(2);
    const stars = new Stars(calls);
    await stars.load();
    const taken = stars.choose(null);
    expect(stars.own).toBeNull();
    await answer();
    await taken;
    expect(asked).toEqual([null]);
    expect(stars.rating?.count).toBe(0);
  });

  it('go back to what the house has when it refuses', async () => {
    const { calls, answer, refuse } = house(2);
    const stars = new Stars(calls);
    await stars.load();
    refuse();
    const given = stars.choose(5);
    await answer();
    expect((await given)?.message).toBe('Slower.');
    expect(stars.own).toBe(2);
  });
});
