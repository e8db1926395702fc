import type { Season } from '../../../api/types';

/** Where a film stands. */
export interface Spot {
  season: number;
  episode: number;
}

/** One call: this film goes there. */
export interface Step extends Spot {
  id: string;
}

export const MOST = 9999;

/** Every film with its place, in order. */
export function placesOf(seasons: readonly Season[]): Step[] {
  return seasons.flatMap(({ number, films }) =>
    films.map(({ episode, movie }) => ({ id: movie.id, season: number, episode })),
  );
}

/** The place behind the last film; `null` when its season is full. */
export function endOf(places: readonly Spot[]): Spot | null {
  const last = places.at(-1);
  if (!last) return { season: 1, episode: 1 };
  return last.episode < MOST ? { season: last.season, episode: last.episode + 1 } : null;
}

/**
 * What to ask, one after the other, so that a film changes places with the one before it (`by` -1) or after it (1). The
 * first of two goes to a place that nobody has, so that a break on the way loses no film. Over the edge of a season it moves
 * into the other one. Nothing when there is nowhere to go.
 */
export function stepsTo(places: readonly Step[], id: string, by: -1 | 1): Step[] {
  const index = places.findIndex((place) => place.id === id);
  const film = places[index];
  const other = places[index + by];
  if (!film || !other) return [];
  if (film.season !== other.season) return across(places, film, other, by);
  const free = freeIn(places, film.season);
  if (free === null) return [];
  return [
    { id: film.id, season: film.season, episode: free },
    { id: other.id, season: film.season, episode: film.episode },
    { id: film.id, season: film.season, episode: other.episode },
  ];
}

/** Into the season before: to its end. Into the one after: before its first film, if there is a place; else to its end. */
function across(places: readonly Step[], film: Step, other: Step, by: -1 | 1): Step[] {
  const free = by === 1 && other.episode > 1 ? other.episode - 1 : freeIn(places, other.season);
  return free === null ? [] : [{ id: film.id, season: other.season, episode: free }];
}

/** The place behind the last of a season, or the first gap when that is the very last. */
function freeIn(places: readonly Step[], season: number): number | null {
  const taken = new Set(places.filter((place) => place.season === season).map(({ episode }) => episode));
  const behind = Math.max(0, ...taken) + 1;
  if (behind <= MOST) return behind;
  for (let episode = MOST; episode > 0; episode -= 1) if (!taken.has(episode)) return episode;
  return null;
}

/** What was typed as a number of a season or an episode; `null` when it is none. */
export function readNumber(text: string): number | null {
  const value = /^\d{1,4}$/.test(text.trim()) ? Number(text) : 0;
  return value >= 1 ? value : null;
}
