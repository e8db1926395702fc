import type { Facet } from '../api/types';
import type { Query } from './routes';

export const PRICES = ['all', 'free', 'paid'] as const;
export const SORTS = ['newest', 'title', 'popular'] as const;
export type Price = (typeof PRICES)[number];
export type Sort = (typeof SORTS)[number];

/** What the catalogue shows, as the address says it. */
export interface Filters {
  q: string;
  price: Price;
  category: string;
  tag: string;
  sort: Sort;
}

/** Reads the address; what it does not know counts as not said. */
export function readFilters(query: URLSearchParams): Filters {
  return {
    q: (query.get('q') ?? '').trim(),
    price: oneOf(PRICES, query.get('price')),
    category: query.get('category') ?? '',
    tag: query.get('tag') ?? '',
    sort: oneOf(SORTS, query.get('sort')),
  };
}

/** The address of these filters: defaults are left out, so that the plain catalogue is `/`. */
export function filterQuery(filters: Filters): Query {
  const { q, category, tag, price, sort } = filters;
  return { q, price: price === 'all' ? '' : price, category, tag, sort: sort === 'newest' ? '' : sort };
}

/** Whether the list is narrowed. The order alone narrows nothing. */
export function isNarrowed({ q, price, category, tag }: Filters): boolean {
  return q !== '' || price !== 'all' || category !== '' || tag !== '';
}

/** The categories to choose from, by name, with how many films each has; the chosen one too when no film has it. */
export function categoryOptions(facets: Facet[], chosen: string): { value: string; label: string }[] {
  const known = facets.map(({ name, count }) => ({ value: name, label: `${name} (${count})` }));
  const isMissing = chosen !== '' && !facets.some(({ name }) => name === chosen);
  const all = isMissing ? [...known, { value: chosen, label: chosen }] : known;
  return all.sort((a, b) => a.value.localeCompare(b.value));
}

function oneOf<Value extends string>(values: readonly [Value, ...Value[]], value: string | null): Value {
  return values.find((known) => known === value) ?? values[0];
}
