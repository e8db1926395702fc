/**
 * Where the rows of a long list are, so that only those near the screen exist. A list has one column; a grid several.
 * All lengths are CSS pixels from the upper edge of the list.
 */
export interface Layout {
  count: number;
  columns: number;
  /** From the top of a line to the top of the next. */
  lineHeight: number;
  /** From the start of a column to the start of the next. */
  columnWidth: number;
}

export interface Window {
  /** The first item and the one after the last. */
  from: number;
  to: number;
  /** Above the first item. */
  offset: number;
  /** Of the whole list. */
  height: number;
}

const LINES_AROUND = 8;

export function windowOf(layout: Layout, top: number, height: number, around = LINES_AROUND): Window {
  const { count, columns, lineHeight } = layout;
  const lines = Math.ceil(count / columns);
  const first = clamp(Math.floor(top / lineHeight) - around, 0, lines);
  const last = clamp(Math.ceil((top + height) / lineHeight) + around, first, lines);
  return {
    from: first * columns,
    to: Math.min(count, last * columns),
    offset: first * lineHeight,
    height: lines * lineHeight,
  };
}

/** How many columns of at least this width fit. */
export function columnsIn(width: number, least: number, gap: number): number {
  return Math.max(1, Math.floor((width + gap) / (least + gap)));
}

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** The rectangle between two corners, in any order. */
export function boxBetween(ax: number, ay: number, bx: number, by: number): Box {
  return { left: Math.min(ax, bx), top: Math.min(ay, by), right: Math.max(ax, bx), bottom: Math.max(ay, by) };
}

/** The items that a rectangle touches, on the screen or not. Gaps between items belong to the item before them. */
export function itemsIn(layout: Layout, box: Box): number[] {
  const { count, columns, lineHeight, columnWidth } = layout;
  const lines = Math.ceil(count / columns);
  if (box.bottom < 0 || box.right < 0 || lines === 0) return [];
  const [firstLine, lastLine] = [
    Math.max(0, Math.floor(box.top / lineHeight)),
    Math.floor(box.bottom / lineHeight),
  ];
  const [firstColumn, lastColumn] = [
    Math.max(0, Math.floor(box.left / columnWidth)),
    Math.floor(box.right / columnWidth),
  ];
  const found: number[] = [];
  for (let line = firstLine; line <= Math.min(lastLine, lines - 1); line += 1) {
    for (let column = firstColumn; column <= Math.min(lastColumn, columns - 1); column += 1) {
      const index = line * columns + column;
      if (index < count) found.push(index);
    }
  }
  return found;
}

/** How far to scroll so that an item is on the screen between the two margins; 0 when it is. */
export function scrollFor(
  layout: Layout,
  index: number,
  top: number,
  height: number,
  margins: [number, number],
): number {
  const start = Math.floor(index / layout.columns) * layout.lineHeight;
  const end = start + layout.lineHeight;
  const [above, below] = margins;
  if (start < top + above) return start - (top + above);
  if (end > top + height - below) return end - (top + height - below);
  return 0;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
