import { describe, expect, it } from 'vitest';
import { readTiles, tileAt } from './tiles';

const BASE = 'http://house.test/media/token/film/sprites.vtt';
const TEXT = `WEBVTT

1
00:00.000 --> 00:05.000
sprites-1.jpg#xywh=0,0,160,90

00:05.000 --> 00:10.000 align:start
sprites-1.jpg#xywh=160,0,160,90

00:10.000 --> 00:15.000
no rectangle

01:00:00.500 --> 01:00:05.000\r
sprites-2.jpg#xywh=pixel:0,90,160,90\r
`;

describe('the preview pictures of a film', () => {
  const tiles = readTiles(TEXT, BASE);

  it('are read with their times, their address and their rectangle', () => {
    expect(tiles).toHaveLength(3);
    expect(tiles[1]).toEqual({
      start: 5,
      end: 10,
      url: 'http://house.test/media/token/film/sprites-1.jpg',
      x: 160,
      y: 0,
      width: 160,
      height: 90,
    });
    expect(tiles[2]).toMatchObject({ start: 3600.5, y: 90 });
  });

  it.each([
    [0, 0],
    [4.99, 0],
    [5, 160],
    [400, 160],
    [3601, 0],
    [99_999, 0],
  ])('at second %d begin at %d', (at, x) => {
    expect(tileAt(tiles, at)?.x).toBe(x);
  });

  it('are none when there are none', () => {
    expect(readTiles('', BASE)).toEqual([]);
    expect(tileAt([], 3)).toBeUndefined();
  });
});
