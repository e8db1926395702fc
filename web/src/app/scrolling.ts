/**
 * Where a reader is on a page. Rows that are off the screen may have a guessed height, so a distance from the top is not
 * enough: we also note which row (`data-place`) stood at the upper edge, and where.
 */
export interface ScrollPlace {
  top: number;
  row?: { id: string; offset: number };
}

export const TOP: ScrollPlace = { top: 0 };

const HEADER_PX = 72;
const FRAMES = 6;

export function notePlace(): ScrollPlace {
  const top = window.scrollY;
  if (top === 0) return TOP;
  for (const row of document.querySelectorAll<HTMLElement>('[data-place]')) {
    const box = row.getBoundingClientRect();
    if (box.bottom > HEADER_PX) return { top, row: { id: row.dataset.place ?? '', offset: box.top } };
  }
  return { top };
}

/** Scrolls there, if the page is long enough by now. Returns whether it was. */
export function returnTo({ top, row }: ScrollPlace): boolean {
  scrollTo(top);
  if (!row) return top === 0 || Math.abs(window.scrollY - top) < 2;
  const find = () => document.querySelector(`[data-place="${CSS.escape(row.id)}"]`);
  if (!find()) return false;
  alignRow(find, row.offset, FRAMES);
  return true;
}

/** Rows get their true height as they come near, and push the wanted one away: follow it for a few frames. */
function alignRow(find: () => Element | null, offset: number, frames: number): void {
  const found = find();
  if (!found || frames === 0) return;
  const away = found.getBoundingClientRect().top - offset;
  if (Math.abs(away) >= 1) scrollTo(window.scrollY + away);
  requestAnimationFrame(() => alignRow(find, offset, frames - 1));
}

function scrollTo(top: number): void {
  window.scrollTo({ top, behavior: 'instant' });
}
