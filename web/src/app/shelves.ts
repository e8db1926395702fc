import { api, ApiProblem, call } from '../api/client';
import type { Facet, Movie, Page, SeriesSummary } from '../api/types';
import { keptPager, type Pager } from './pager.svelte';
import { hrefTo, type Query } from './routes';

/** A film in a row, and how many seconds somebody has seen of it. */
export interface ShelvedFilm {
  movie: Movie;
  position?: number;
}

/** What stands in a row. */
export type Shelved = ShelvedFilm | { series: SeriesSummary };

export type Shelf = Pager<ShelvedFilm>;
type Narrowing = { price?: 'free' | 'paid'; category?: string; tag?: string };

const PAGE_SIZE = 14;
/** More rows than this are a catalogue, which stands below them anyway. */
const MOST_CATEGORIES = 8;
const LEAST_OF_CATEGORY = 2;

/** The row of films that fit, the newest first. `place` names the history entry that it belongs to. */
export function shelfOf(place: string, narrowing: Narrowing): Shelf {
  return keptPager(`shelf|${place}|${JSON.stringify(narrowing)}`, async (cursor, signal) => {
    const query = { ...narrowing, sort: 'newest' as const, limit: PAGE_SIZE, cursor };
    return shelve(await call(api.GET('/api/v1/movies', { params: { query }, signal })), (movie) => ({
      movie,
    }));
  });
}

/** What somebody has begun to watch, the latest first. */
export function watchingShelf(place: string): Shelf {
  return keptPager(`shelf|${place}|watching`, async (cursor, signal) => {
    const asked = api.GET('/api/v1/me/watching', {
      params: { query: { limit: PAGE_SIZE, cursor } },
      signal,
    });
    return shelve(await orNothing(call(asked)), ({ movie, position }) => ({ movie, position }));
  });
}

export function listShelf(place: string): Shelf {
  return keptPager(`shelf|${place}|list`, async (cursor, signal) => {
    const asked = api.GET('/api/v1/me/watchlist', {
      params: { query: { limit: PAGE_SIZE, cursor } },
      signal,
    });
    return shelve(await orNothing(call(asked)), ({ movie }) => ({ movie }));
  });
}

export function seriesShelf(place: string): Pager<{ series: SeriesSummary }> {
  return keptPager(`shelf|${place}|series`, async (cursor, signal) => {
    const query = { limit: PAGE_SIZE, cursor };
    const page = await orNothing(call(api.GET('/api/v1/series', { params: { query }, signal })));
    // One without a film is not begun yet: only admins see it, and they have the console.
    const items = page.items.filter(({ films }) => films > 0).map((series) => ({ series }));
    return { items, next_cursor: page.next_cursor };
  });
}

/** What tells the things of a row apart. */
export function idOf(shelved: Shelved): string {
  return 'series' in shelved ? shelved.series.id : shelved.movie.id;
}

/** The categories that deserve a row, the fullest first. */
export function shelvedCategories(facets: readonly Facet[]): Facet[] {
  return facets
    .filter(({ count }) => count >= LEAST_OF_CATEGORY)
    .sort((a, b) => b.count - a.count || a.name.localeCompare(b.name))
    .slice(0, MOST_CATEGORIES);
}

/** Films that somebody who likes this one may like: first of its category, then with one of its tags; not itself. */
export async function relatedTo(film: Movie, signal: AbortSignal, most = 12): Promise<Movie[]> {
  const narrowings: Narrowing[] = film.tags.slice(0, 2).map((tag) => ({ tag }));
  if (film.category) narrowings.unshift({ category: film.category });
  const found = new Map<string, Movie>();
  for (const narrowing of narrowings) {
    if (found.size >= most) break;
    const query = { ...narrowing, sort: 'popular' as const, limit: most + 1 };
    const { items } = await call(api.GET('/api/v1/movies', { params: { query }, signal }));
    for (const movie of items) if (movie.id !== film.id) found.set(movie.id, movie);
  }
  return [...found.values()].slice(0, most);
}

/** How far somebody has come, from 0 to 1. */
export function partOf({ movie, position }: ShelvedFilm): number | undefined {
  if (position === undefined || !movie.duration) return undefined;
  return Math.min(1, Math.max(0, position / movie.duration));
}

export function catalogueHref(query: Query): string {
  return hrefTo('catalogue', {}, query);
}

function shelve<Item>(page: Page<Item>, put: (item: Item) => ShelvedFilm): Page<ShelvedFilm> {
  return { items: page.items.map(put), next_cursor: page.next_cursor };
}

/** An older house does not keep such lists: they are empty then. */
async function orNothing<Item>(answer: Promise<Page<Item>>): Promise<Page<Item>> {
  return answer.catch((thrown: unknown) => {
    if (thrown instanceof ApiProblem && thrown.status === 404) return { items: [], next_cursor: null };
    throw thrown;
  });
}
