import type { Film, Playback } from './types';

/** Chapters and previews, which the house will answer and `openapi.json` does not tell yet. Without them there are none. */
export interface Chapter {
  /** Seconds. */
  start: number;
  end: number;
  title: string;
}

export type WatchedFilm = Film & {
  /** Seconds that whoever has not bought it may see. */
  preview_seconds?: number;
};

export type FilmPlayback = Playback & {
  chapters?: Chapter[];
  /** How many seconds the addresses give, when that is not the whole film. */
  preview_seconds?: number | null;
};
