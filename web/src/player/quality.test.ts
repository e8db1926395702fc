import { describe, expect, it } from 'vitest';
import type { Playback } from '../api/types';
import { hasPlaylist, indexFor, qualitiesOf, waysOf } from './quality';

const LEVELS = [
  { lines: 360, bitrate: 800 },
  { lines: 1080, bitrate: 4000 },
  { lines: 1080, bitrate: 6000 },
  { lines: 720, bitrate: 2500 },
];

describe('the qualities of a film', () => {
  const qualities = qualitiesOf(LEVELS);

  it('are one for each number of lines, the best first', () => {
    expect(qualities).toEqual([
      { index: 2, lines: 1080 },
      { index: 3, lines: 720 },
      { index: 0, lines: 360 },
    ]);
  });

  it.each([
    [0, -1],
    [1080, 2],
    [2160, 2],
    [719, 0],
    [240, -1],
  ])('for somebody who once chose %d are number %d', (height, index) => {
    expect(indexFor(qualities, height)).toBe(index);
  });
});

describe('the ways to play', () => {
  const playback: Playback = {
    sources: [
      { type: 'application/vnd.apple.mpegurl', url: '/m.m3u8', width: null, height: null },
      { type: 'video/mp4', url: '/f.mp4', width: 1920, height: 1080 },
    ],
    sounds: [],
    subtitles: [],
    sprites: null,
    chapters: [],
    preview_seconds: null,
    position: 0,
    expires_at: '2026-01-01T00:00:00Z',
  };

  it.each([
    [{ hls: true, native: true }, ['hls', 'native', 'file']],
    [{ hls: true, native: false }, ['hls', 'file']],
    [{ hls: false, native: true }, ['native', 'file']],
    [{ hls: false, native: false }, ['file']],
  ])('with %j are %j', (can, kinds) => {
    expect(waysOf(playback, can).map(({ kind }) => kind)).toEqual(kinds);
  });

  it('need no reader of playlists for a plain file', () => {
    expect(hasPlaylist(playback)).toBe(true);
    expect(hasPlaylist({ ...playback, sources: playback.sources.slice(1) })).toBe(false);
  });
});
