import type { Film } from '../api/types';

/** Whether somebody may watch the whole of a film, as the house will decide it. */
export function mayWatchWhole(
  film: Pick<Film, 'state' | 'price' | 'owned'>,
  who: { role: string } | null,
): boolean {
  return film.state === 'published' && (film.price === 0 || film.owned || who?.role === 'admin');
}
