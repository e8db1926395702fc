import { Heights } from './heights';

/** What stays where it is while rows come and change: the end of the list, or one row and its distance from the top. */
export type Hold = { kind: 'end' } | { kind: 'row'; key: string; offset: number };

export const END: Hold = { kind: 'end' };

export interface Span {
  from: number;
  to: number;
  /** The height of all rows before and after those that exist. */
  before: number;
  after: number;
}

/** So much stands ready above and below the screen, for whoever scrolls. */
export const AROUND_PX = 600;

/** Which rows of a very long list exist, and where it stands. It knows nothing of the page. */
export class Scroller {
  readonly heights: Heights;

  constructor(guess: number) {
    this.heights = new Heights(guess);
  }

  /** Where the list has to be scrolled to, so that what is held stays. */
  topOf(hold: Hold, viewHeight: number): number {
    const most = Math.max(0, this.heights.total - viewHeight);
    if (hold.kind === 'end') return most;
    const index = this.heights.indexOfKey(hold.key);
    if (index < 0) return most;
    return Math.min(most, Math.max(0, this.heights.offsetOf(index) - hold.offset));
  }

  /** What is to be held after somebody scrolled to `top`, away from the end. */
  holdAt(top: number, keyOf: (index: number) => string | undefined): Hold {
    const index = this.heights.indexAt(top);
    const key = keyOf(index);
    return key === undefined ? END : { kind: 'row', key, offset: this.heights.offsetOf(index) - top };
  }

  /** The rows on the screen and a little around it; with less than nothing around, only the lower ones of the screen. */
  spanAt(top: number, viewHeight: number, around = AROUND_PX): Span {
    const { heights } = this;
    if (heights.count === 0) return { from: 0, to: 0, before: 0, after: 0 };
    const from = heights.indexAt(Math.max(0, top - around));
    const to = heights.indexAt(top + viewHeight + Math.max(0, around)) + 1;
    return { from, to, before: heights.offsetOf(from), after: heights.total - heights.offsetOf(to) };
  }
}
