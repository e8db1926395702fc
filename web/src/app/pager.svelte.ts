import { asProblem, type ApiProblem } from '../api/problem';
import { isAbort } from '../api/client';
import type { Page } from '../api/types';

type FetchPage<Item> = (cursor: string | undefined, signal: AbortSignal) => Promise<Page<Item>>;

/** A long list, a page at a time. It keeps what it has read, so that coming back shows it at once. */
export class Pager<Item> {
  items: Item[] = $state.raw([]);
  cursor: string | null | undefined = $state.raw(undefined);
  state: 'new' | 'loading' | 'idle' | 'failed' = $state('new');
  problem: ApiProblem | null = $state.raw(null);
  /** How far a row was scrolled sideways, in pixels. */
  scrolled = 0;
  /** How high the blocks of a long list were that are far from the screen, in pixels: see `Blocks`. */
  readonly heights = new Map<number, number>();
  readonly #fetchPage: FetchPage<Item>;
  #abort = new AbortController();

  constructor(fetchPage: FetchPage<Item>) {
    this.#fetchPage = fetchPage;
  }

  get isEmpty(): boolean {
    return this.state === 'idle' && this.items.length === 0;
  }

  get isFirstLoad(): boolean {
    return this.items.length === 0 && (this.state === 'new' || this.state === 'loading');
  }

  get hasMore(): boolean {
    return this.cursor !== null;
  }

  /** Reads the first page, unless something is there already. */
  start(): void {
    if (this.state === 'new') void this.more();
  }

  /** Reads the next page; also the way to try again after a failure. */
  async more(): Promise<void> {
    if (this.state === 'loading' || !this.hasMore) return;
    this.state = 'loading';
    this.problem = null;
    try {
      const page = await this.#fetchPage(this.cursor ?? undefined, this.#abort.signal);
      this.items = [...this.items, ...page.items];
      this.cursor = page.next_cursor ?? null;
      this.state = 'idle';
    } catch (thrown) {
      if (isAbort(thrown)) return;
      this.problem = asProblem(thrown);
      this.state = 'failed';
    }
  }

  /** Reads the first page again, showing the old items until the new ones are there. */
  async reload(): Promise<void> {
    this.#abort.abort();
    this.#abort = new AbortController();
    this.state = 'loading';
    try {
      const page = await this.#fetchPage(undefined, this.#abort.signal);
      this.items = page.items;
      this.cursor = page.next_cursor ?? null;
      this.state = 'idle';
    } catch (thrown) {
      if (isAbort(thrown)) return;
      this.problem = asProblem(thrown);
      this.state = 'failed';
    }
  }

  /** Reads the first page again and renews what is known of it, in place. A failure changes nothing. */
  async refreshFirst(idOf: (item: Item) => string): Promise<void> {
    if (this.state !== 'idle' || document.hidden) return;
    const page = await this.#fetchPage(undefined, this.#abort.signal).catch(() => null);
    if (!page) return;
    const fresh = new Map(page.items.map((item) => [idOf(item), item]));
    const known = new Set(this.items.map(idOf));
    const added = page.items.filter((item) => !known.has(idOf(item)));
    this.items = [...added, ...this.items.map((item) => fresh.get(idOf(item)) ?? item)];
  }

  /**
   * The same for a list of which rows may leave, the latest first, by ids that sort by time: what would be in the first
   * page and is not leaves it.
   */
  async renewFirst(idOf: (item: Item) => string): Promise<void> {
    if (this.state !== 'idle' || document.hidden) return;
    const page = await this.#fetchPage(undefined, this.#abort.signal).catch(() => null);
    if (!page) return;
    const last = page.next_cursor ? page.items.at(-1) : undefined;
    const older = last === undefined ? [] : this.items.filter((item) => idOf(item) < idOf(last));
    this.items = [...page.items, ...older];
    if (older.length === 0) this.cursor = page.next_cursor;
  }

  stop(): void {
    this.#abort.abort();
  }
}

const KEPT_LISTS = 96;
const kept = new Map<string, Pager<unknown>>();

/**
 * The list of one history entry. Going back to the entry finds the same list, as long as it was. `name` says which
 * entry and which query; the oldest list is let go when there are many.
 */
export function keptPager<Item>(name: string, fetchPage: FetchPage<Item>): Pager<Item> {
  const found = kept.get(name) as Pager<Item> | undefined;
  if (found) return found;
  const made = new Pager(fetchPage);
  kept.set(name, made);
  const [oldest] = kept.keys();
  if (kept.size > KEPT_LISTS && oldest !== undefined) kept.delete(oldest);
  return made;
}

/** Forgets every kept list: another person signed in, or what they may see has changed. */
export function forgetLists(): void {
  kept.clear();
}
