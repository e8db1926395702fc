import { api, call, isAbort } from '../api/client';
import { asProblem, type ApiProblem } from '../api/problem';
import type { Entry, Page } from '../api/types';
import { withEntry, type EntrySort } from './entries';

const PAGE_SIZE = 200;
const MOST_PAGES_RENEWED = 5;
const KEPT_LISTS = 12;

/** What a list shows: a folder, what a search finds, or the trash. */
export type Where = { folder: string; sort: EntrySort } | { q: string } | 'trash';

type FetchPage = (cursor: string | undefined, signal: AbortSignal) => Promise<Page<Entry>>;

/** Entries, read a page at a time, that stay true when something is changed here. */
export class EntryList {
  items: Entry[] = $state.raw([]);
  cursor: string | null | undefined = $state.raw(undefined);
  state: 'new' | 'loading' | 'idle' | 'failed' = $state('new');
  problem: ApiProblem | null = $state.raw(null);
  readonly where: Where;
  readonly ids: string[] = $derived(this.items.map(({ id }) => id));
  readonly #fetchPage: FetchPage;

  constructor(where: Where, fetchPage: FetchPage = fetcher(where)) {
    this.where = where;
    this.#fetchPage = fetchPage;
  }

  get isFirstLoad(): boolean {
    return this.items.length === 0 && (this.state === 'new' || this.state === 'loading');
  }

  get isEmpty(): boolean {
    return this.state === 'idle' && this.items.length === 0 && !this.hasMore;
  }

  get hasMore(): boolean {
    return this.cursor !== null;
  }

  /** Reads the first page, or looks whether what is there is still true. */
  start(): void {
    if (this.state === 'new') void this.more();
    else void this.renew();
  }

  async more(): Promise<void> {
    if (this.state === 'loading' || !this.hasMore) return;
    this.state = 'loading';
    this.problem = null;
    try {
      const page = await this.#fetchPage(this.cursor ?? undefined, new AbortController().signal);
      const known = new Set(this.ids);
      this.items = [...this.items, ...page.items.filter(({ id }) => !known.has(id))];
      this.cursor = page.next_cursor ?? null;
      this.state = 'idle';
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  /** Reads to the end, for what is done with everything. Answers whether it got there. */
  async readAll(): Promise<boolean> {
    while (this.hasMore && this.state !== 'failed') {
      await this.more();
      if (this.state === 'loading') await new Promise((done) => setTimeout(done, 30));
    }
    return !this.hasMore;
  }

  /** Reads again what is shown, as far as that is a few pages, without taking it away meanwhile. */
  async renew(): Promise<void> {
    if (this.state === 'loading') return;
    const wanted = Math.max(1, Math.ceil(this.items.length / PAGE_SIZE));
    if (wanted > MOST_PAGES_RENEWED) return;
    const before = this.items;
    const fresh: Entry[] = [];
    let cursor: string | null | undefined;
    try {
      for (let page = 0; page < wanted && cursor !== null; page += 1) {
        const answer = await this.#fetchPage(cursor ?? undefined, new AbortController().signal);
        fresh.push(...answer.items);
        cursor = answer.next_cursor ?? null;
      }
    } catch (thrown) {
      if (before.length === 0) this.#fail(thrown);
      return;
    }
    if (this.items !== before) return;
    this.items = fresh;
    this.cursor = cursor;
    this.state = 'idle';
  }

  /** Takes entries out. */
  remove(ids: ReadonlySet<string>): void {
    if (this.items.some(({ id }) => ids.has(id))) this.items = this.items.filter(({ id }) => !ids.has(id));
  }

  /** An entry is new here, or has changed, or is somewhere else now. */
  put(entry: Entry): void {
    if (this.state === 'new' || this.where === 'trash') return;
    const isKnown = this.ids.includes(entry.id);
    if ('q' in this.where) {
      if (isKnown) this.items = this.items.map((item) => (item.id === entry.id ? entry : item));
    } else if (entry.parent_id === this.where.folder) {
      this.items = withEntry(this.items, entry, this.where.sort, this.hasMore);
    } else if (isKnown) {
      this.remove(new Set([entry.id]));
    }
  }

  #fail(thrown: unknown): void {
    if (isAbort(thrown)) return;
    this.problem = asProblem(thrown);
    this.state = 'failed';
  }
}

function fetcher(where: Where): FetchPage {
  return (cursor, signal) => {
    const page = { cursor, limit: PAGE_SIZE };
    if (where === 'trash') return call(api.GET('/api/v1/drive/trash', { params: { query: page }, signal }));
    const query =
      'q' in where ? { q: where.q, ...page } : { parent_id: where.folder, sort: where.sort, ...page };
    return call(api.GET('/api/v1/drive/entries', { params: { query }, signal }));
  };
}

const kept = new Map<string, EntryList>();

/** The list of a place, as it was when somebody was there last. */
export function listOf(where: Where): EntryList {
  const name = JSON.stringify(where);
  const list = kept.get(name) ?? new EntryList(where);
  kept.delete(name);
  kept.set(name, list);
  const [oldest] = kept.keys();
  if (kept.size > KEPT_LISTS && oldest !== undefined) kept.delete(oldest);
  return list;
}

/** Whether the children of a folder are kept, so that a new one has to be told. */
export function isFolderKept(folder: string): boolean {
  return [...kept.values()].some(
    ({ where }) => where !== 'trash' && 'folder' in where && where.folder === folder,
  );
}

export function removeEverywhere(ids: Iterable<string>): void {
  const gone = new Set(ids);
  for (const list of kept.values()) list.remove(gone);
}

export function putEverywhere(entry: Entry): void {
  for (const list of kept.values()) list.put(entry);
}

/** Lists that are not on the screen are read anew when somebody comes; the one that is shown looks again. */
export function renewFolder(folder: string): void {
  for (const list of kept.values()) {
    if (list.where !== 'trash' && 'folder' in list.where && list.where.folder === folder) void list.renew();
  }
}

/** The trash has changed in a way that its list cannot know. */
export function forgetTrash(): void {
  kept.delete(JSON.stringify('trash'));
}

export function forgetDrive(): void {
  kept.clear();
}
