/** A preview picture of some seconds of a film: a rectangle of a larger picture. */
export interface Tile {
  start: number;
  end: number;
  url: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

const CUE = /^\s*([\d:.]+)\s+-->\s+([\d:.]+)/;
const RECTANGLE = /#xywh=(?:pixel:)?(\d+),(\d+),(\d+),(\d+)$/;

/** Reads the WebVTT that maps times to tiles. Cues that name no rectangle are left out. */
export function readTiles(text: string, base: string): Tile[] {
  const tiles: Tile[] = [];
  const lines = text.split(/\r\n|\r|\n/);
  for (const [index, line] of lines.entries()) {
    const cue = CUE.exec(line);
    const target = lines[index + 1]?.trim() ?? '';
    const rectangle = RECTANGLE.exec(target);
    if (!cue || !rectangle) continue;
    const [x = 0, y = 0, width = 0, height = 0] = rectangle.slice(1).map(Number);
    const url = new URL(target.slice(0, rectangle.index), base).href;
    tiles.push({ start: seconds(cue[1] ?? ''), end: seconds(cue[2] ?? ''), url, x, y, width, height });
  }
  return tiles.sort((a, b) => a.start - b.start);
}

/** The picture of a moment: the last that begins before it, so that the end of the film has one too. */
export function tileAt(tiles: readonly Tile[], at: number): Tile | undefined {
  let low = 0;
  let high = tiles.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tiles[middle]?.start ?? Infinity) <= at) low = middle + 1;
    else high = middle;
  }
  return tiles[Math.max(0, low - 1)];
}

/** `1:02:03.500` or `02:03.500` -> seconds. */
function seconds(clock: string): number {
  return clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}
