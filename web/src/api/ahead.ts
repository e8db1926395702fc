import createClient from 'openapi-fetch';
import type { Film, Movie, Page, Playback } from './types';

/**
 * What the house answers and `openapi.json` does not tell yet: what somebody has begun to watch, the watchlist, chapters
 * and previews. A house that does not have them answers 404, or leaves the fields out; the pages then leave them out too.
 */
export interface Watching {
  movie: Movie;
  /** Seconds. */
  position: number;
  watched_at: string;
}

export interface Wanted {
  movie: Movie;
  added_at: string;
}

/** A part of a film with a name of its own; times in seconds. */
export interface Chapter {
  start: number;
  end: number;
  title: string;
}

export type WatchedFilm = Film & {
  on_watchlist?: boolean;
  /** Seconds that whoever has not bought it may see. */
  preview_seconds?: number;
};

export type FilmPlayback = Playback & {
  chapters?: Chapter[];
  /** How many seconds the addresses give, when that is not the whole film. */
  preview_seconds?: number | null;
};

interface List<Item> {
  get: {
    parameters: { query?: { limit?: number; cursor?: string } };
    responses: { 200: { content: { 'application/json': Page<Item> } } };
  };
}

interface OneOfList {
  parameters: { path: { movie_id: string } };
  responses: { 204: { content?: never } };
}

interface AheadPaths {
  '/api/v1/me/watching': List<Watching>;
  '/api/v1/me/watchlist': List<Wanted>;
  '/api/v1/me/watchlist/{movie_id}': { put: OneOfList; delete: OneOfList };
}

export const ahead = createClient<AheadPaths>({ credentials: 'same-origin' });
