import { SvelteMap } from 'svelte/reactivity';
import type { Pager } from './pager.svelte';
import { router } from './router.svelte';

/** Whole lines with one column or up to six. */
export const SIZE = 60;
const NEAR = '1500px';
/** So many blocks stay whole: a list of this length costs little, and the browser finds words in all of it. */
const FEW = 10;

/**
 * The items of a list in blocks. In a long one those far from the screen are away: whoever draws them leaves an empty box of
 * the height that they had, so that a page of ten thousand rows has a few hundred of them in the document. Coming back to a
 * page finds the heights with its list.
 */
export class ListBlocks<Item> {
  readonly #pager: () => Pager<Item>;
  readonly all = $derived.by(() => {
    const { items } = this.#pager();
    return Array.from({ length: Math.ceil(items.length / SIZE) }, (_, index) =>
      items.slice(index * SIZE, (index + 1) * SIZE),
    );
  });
  readonly #isLong = $derived.by(() => this.all.length > FEW);
  /** The height of each block that is away, in pixels. Such a block stands for its first row: see `app/scrolling`. */
  readonly away = $derived.by(() => new SvelteMap(this.#pager().heights));

  constructor(pager: () => Pager<Item>) {
    this.#pager = pager;
  }

  /** For the element of a block, whether it is there or away: it goes when it is far, and not while somebody stands in it. */
  follow(index: number) {
    return (node: HTMLElement) => {
      if (!this.#isLong) return;
      const watcher = new IntersectionObserver(
        ([entry]) => {
          if (!entry || node.offsetParent === null) return;
          if (entry.isIntersecting) {
            this.away.delete(index);
            // Whoever comes back may be waiting for a row of this block.
            router.settle();
          } else if (!this.away.has(index) && !node.contains(document.activeElement)) {
            this.#pager().heights.set(index, node.offsetHeight);
            this.away.set(index, node.offsetHeight);
          }
        },
        { rootMargin: NEAR },
      );
      watcher.observe(node);
      return () => watcher.disconnect();
    };
  }
}
