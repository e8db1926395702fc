import { describe, expect, it } from 'vitest';
import type { Movie } from '../api/types';
import { partOf, shelvedCategories } from './shelves';

describe('the rows of categories', () => {
  it('are the fullest first, then by name, and none of a single film', () => {
    const facets = [
      { name: 'Shorts', count: 1 },
      { name: 'Science', count: 9 },
      { name: 'Music', count: 3 },
      { name: 'Art', count: 3 },
    ];
    expect(shelvedCategories(facets).map(({ name }) => name)).toEqual(['Science', 'Art', 'Music']);
    expect(facets[0]?.name).toBe('Shorts');
  });

  it('are few', () => {
    const many = Array.from({ length: 40 }, (_, index) => ({ name: `C${index}`, count: 5 }));
    expect(shelvedCategories(many)).toHaveLength(8);
  });
});

describe('how far a film has come', () => {
  const movie = (duration: number | null) => ({ duration }) as Movie;

  it.each([
    [100, 25, 0.25],
    [100, 250, 1],
    [100, undefined, undefined],
    [null, 25, undefined],
  ])('of %s seconds at %s is %s', (duration, position, part) => {
    expect(partOf({ movie: movie(duration), position })).toBe(part);
  });
});
