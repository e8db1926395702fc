import { describe, expect, it } from 'vitest';
import type { Entry } from '../api/types';
import { entry } from './entry.fixture';
import { EntryList } from './list.svelte';

const named = (number: number) => entry(String(number).padStart(5, '0'));

function folderOf(count: number, size = 200) {
  const rows = Array.from({ length: count }, (_, index) => named(index));
  const asked: (string | undefined)[] = [];
  const fetchPage = async (cursor: string | undefined) => {
    asked.push(cursor);
    const from = cursor === undefined ? 0 : rows.findIndex(({ id }) => id === cursor) + 1;
    const items = rows.slice(from, from + size);
    return { items, next_cursor: from + size < rows.length ? (items.at(-1) as Entry).id : null };
  };
  return { rows, asked, list: new EntryList({ folder: 'root', sort: 'name' }, fetchPage) };
}

describe('the list of a folder', () => {
  it('reads ten thousand rows, each once', async () => {
    const { list, asked } = folderOf(10_000);
    expect(await list.readAll()).toBe(true);
    expect(list.items).toHaveLength(10_000);
    expect(new Set(list.ids).size).toBe(10_000);
    expect(asked).toHaveLength(50);
  });

  it('shows what was put in once, also when its page comes later', async () => {
    const { list, rows } = folderOf(300);
    await list.more();
    const late = entry('00100x');
    list.put(late);
    rows.splice(250, 0, entry('00249x'));
    list.put(entry('00249x'));
    await list.more();
    expect(list.ids.filter((id) => id === '00249x')).toHaveLength(1);
    expect(list.ids.indexOf('00100x')).toBe(101);
  });

  it('lets go of what was moved away, renamed or not', async () => {
    const { list } = folderOf(3);
    await list.more();
    list.put({ ...named(1), parent_id: 'elsewhere' });
    list.remove(new Set(['00002']));
    expect(list.ids).toEqual(['00000']);
  });

  it('looks again without taking anything away meanwhile', async () => {
    const { list, rows } = folderOf(3);
    await list.more();
    rows.splice(0, 1);
    const looking = list.renew();
    expect(list.items).toHaveLength(3);
    await looking;
    expect(list.ids).toEqual(['00001', '00002']);
  });

  it('says what failed, and goes on from there', async () => {
    let isDown = true;
    const list = new EntryList({ q: 'x' }, async () => {
      if (isDown) throw new TypeError('down');
      return { items: [named(1)], next_cursor: null };
    });
    await list.more();
    expect(list.state).toBe('failed');
    isDown = false;
    await list.more();
    expect(list.ids).toEqual(['00001']);
    expect(list.isEmpty).toBe(false);
  });
});
