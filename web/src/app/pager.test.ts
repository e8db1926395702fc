import { afterEach, describe, expect, it, vi } from 'vitest';
import { networkProblem } from '../api/problem';
import { forgetLists, keptPager, Pager } from './pager.svelte';

const numbers = (count: number, size: number) => {
  const asked: (string | undefined)[] = [];
  const fetchPage = async (cursor: string | undefined) => {
    asked.push(cursor);
    const from = Number(cursor ?? 0);
    const items = Array.from({ length: Math.min(size, count - from) }, (_, index) => from + index);
    return { items, next_cursor: from + size < count ? String(from + size) : null };
  };
  return { asked, fetchPage };
};

describe('a long list', () => {
  it('reads every row once, page by page, and then stops', async () => {
    const { asked, fetchPage } = numbers(7, 3);
    const pager = new Pager(fetchPage);
    for (let turn = 0; turn < 5; turn += 1) await pager.more();
    expect(pager.items).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(asked).toEqual([undefined, '3', '6']);
    expect(pager.hasMore).toBe(false);
  });

  it('asks once at a time', async () => {
    const { asked, fetchPage } = numbers(9, 3);
    const pager = new Pager(fetchPage);
    await Promise.all([pager.more(), pager.more(), pager.more()]);
    expect(asked).toHaveLength(1);
  });

  it('keeps what it has when a page fails, and goes on from there', async () => {
    const { fetchPage } = numbers(4, 2);
    let broken = false;
    const pager = new Pager(async (cursor: string | undefined) => {
      if (broken) throw networkProblem();
      return fetchPage(cursor);
    });
    await pager.more();
    broken = true;
    await pager.more();
    expect([pager.state, pager.problem?.code, pager.items.length]).toEqual(['failed', 'network', 2]);
    broken = false;
    await pager.more();
    expect([pager.state, pager.items]).toEqual(['idle', [0, 1, 2, 3]]);
  });

  it('is empty only when it knows so', async () => {
    const pager = new Pager(numbers(0, 3).fetchPage);
    expect([pager.isEmpty, pager.isFirstLoad]).toEqual([false, true]);
    await pager.more();
    expect([pager.isEmpty, pager.isFirstLoad]).toEqual([true, false]);
  });

  it('is found again by its history entry, until it is forgotten', () => {
    const { fetchPage } = numbers(3, 3);
    const first = keptPager('films|a', fetchPage);
    expect(keptPager('films|a', fetchPage)).toBe(first);
    expect(keptPager('films|b', fetchPage)).not.toBe(first);
    forgetLists();
    expect(keptPager('films|a', fetchPage)).not.toBe(first);
  });
});

describe('a list of which rows may leave', () => {
  const row = (id: number, state = 'old') => ({ id: String(id), state });
  const ids = (pager: Pager<{ id: string }>) => pager.items.map(({ id }) => Number(id));

  afterEach(() => vi.unstubAllGlobals());

  /** A house with these rows, the latest first, in pages of two. */
  function listOf(rows: { id: string; state: string }[]) {
    vi.stubGlobal('document', { hidden: false });
    const house = { rows };
    const pager = new Pager(async (cursor: string | undefined) => {
      const left = house.rows.filter(({ id }) => !cursor || id < cursor);
      const items = left.slice(0, 2);
      return { items, next_cursor: left.length > 2 ? (items.at(-1)?.id ?? null) : null };
    });
    return { house, pager, renew: () => pager.renewFirst(({ id }) => id) };
  }

  it('shows what is new and what has changed, and keeps what was read further down', async () => {
    const { house, pager, renew } = listOf([row(5), row(4), row(3), row(2), row(1)]);
    await pager.more();
    await pager.more();
    house.rows = [row(6), row(5, 'new'), ...house.rows.slice(1)];
    await renew();
    expect(ids(pager)).toEqual([6, 5, 4, 3, 2]);
    expect(pager.items[1]?.state).toBe('new');
    await pager.more();
    expect(ids(pager)).toEqual([6, 5, 4, 3, 2, 1]);
  });

  it('lets go of what has left, and reads on without a gap or a double', async () => {
    const { house, pager, renew } = listOf([row(5), row(4), row(3), row(2), row(1)]);
    await pager.more();
    house.rows = house.rows.filter(({ id }) => id !== '5');
    await renew();
    expect(ids(pager)).toEqual([4, 3]);
    await pager.more();
    expect(ids(pager)).toEqual([4, 3, 2, 1]);
    house.rows = [];
    await renew();
    expect([pager.items, pager.isEmpty]).toEqual([[], true]);
  });

  it('changes nothing when the house does not answer', async () => {
    vi.stubGlobal('document', { hidden: false });
    let isAway = false;
    const pager = new Pager(() =>
      isAway ? Promise.reject(networkProblem()) : Promise.resolve({ items: [row(1)], next_cursor: null }),
    );
    await pager.more();
    isAway = true;
    await pager.renewFirst(({ id }) => id);
    expect([ids(pager), pager.state]).toEqual([[1], 'idle']);
  });
});
