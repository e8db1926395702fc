import { describe, expect, it } from 'vitest';
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
