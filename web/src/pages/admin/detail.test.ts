import { expect, it } from 'vitest';
import { detailLines } from './detail';

it('names every value of a change', () => {
  expect(
    detailLines({ title: 'Sea', price: 490, tags: ['a'], before: { price: 0, category: null } }),
  ).toEqual([
    { name: 'title', value: 'Sea' },
    { name: 'price', value: '490' },
    { name: 'tags', value: '["a"]' },
    { name: 'before.price', value: '0' },
    { name: 'before.category', value: 'null' },
  ]);
  expect([detailLines(null), detailLines('x'), detailLines({})]).toEqual([[], [], []]);
});
