import type { Playback } from '../api/types';

/** One rendition of a film, as the playlist tells it. */
export interface Level {
  /** The shorter side, which is what people call a quality by: an upright film is no better for being upright. */
  lines: number;
  bitrate: number;
}

/** One choice of the reader. `index` is the rendition's place in the playlist. */
export interface Quality {
  index: number;
  lines: number;
}

/** What can be chosen, the highest first; of two with as many lines, the one with more bits. */
export function qualitiesOf(levels: readonly Level[]): Quality[] {
  const best = new Map<number, number>();
  for (const [index, level] of levels.entries()) {
    const known = levels[best.get(level.lines) ?? -1];
    if (!known || known.bitrate < level.bitrate) best.set(level.lines, index);
  }
  return [...best].map(([lines, index]) => ({ index, lines })).sort((a, b) => b.lines - a.lines);
}

/** The rendition for the lines that were chosen once: the same, or the highest below; -1 leaves it to the player. */
export function indexFor(qualities: readonly Quality[], lines: number): number {
  if (lines === 0) return -1;
  return qualities.find((one) => one.lines <= lines)?.index ?? -1;
}

/** A track of sound, as the playlist tells it. */
export interface Sound {
  label: string;
  /** Empty when the film does not say. */
  language: string;
}

/** One way to play a film: with our own reader of playlists, with the browser's, or the file as it is. */
export interface Way {
  kind: 'hls' | 'native' | 'file';
  url: string;
}

const PLAYLIST = /^application\/(vnd\.apple\.mpegurl|x-mpegurl)$/i;

/**
 * The ways to play, the best first. Our own reader comes before the browser's: some browsers say that they read playlists
 * and then cannot change the quality.
 */
export function waysOf(playback: Playback, can: { hls: boolean; native: boolean }): Way[] {
  return playback.sources.flatMap(({ type, url }): Way[] => {
    if (!PLAYLIST.test(type)) return [{ kind: 'file', url }];
    const ways: Way[] = [];
    if (can.hls) ways.push({ kind: 'hls', url });
    if (can.native) ways.push({ kind: 'native', url });
    return ways;
  });
}

export function hasPlaylist(playback: Playback): boolean {
  return playback.sources.some(({ type }) => PLAYLIST.test(type));
}
