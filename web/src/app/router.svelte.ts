import { tick } from 'svelte';
import { matchPath, type Match } from './routes';

/**
 * History routing. Each history entry has a `key`, so that a page can find what it kept for that entry (a long list,
 * say), and its scroll position is put back when the reader returns to it.
 */
interface Entry {
  key: string;
  scroll: number;
}

export interface Place {
  path: string;
  query: URLSearchParams;
  key: string;
  match: Match;
}

class Router {
  place: Place = $state.raw(readPlace(newKey()));
  #pendingScroll: number | null = null;

  /** Takes over links and the back button. Returns the way to let go of them. */
  start(): () => void {
    history.scrollRestoration = 'manual';
    const entry = history.state as Entry | null;
    if (entry?.key) this.place = readPlace(entry.key);
    else this.#write('replace', location.href);
    window.addEventListener('popstate', this.#onPopState);
    document.addEventListener('click', this.#onClick);
    return () => {
      window.removeEventListener('popstate', this.#onPopState);
      document.removeEventListener('click', this.#onClick);
    };
  }

  /** Goes to a new page, from its top. */
  go(href: string): void {
    this.#keepScroll();
    const samePath = new URL(href, location.href).pathname === this.place.path;
    this.#write('push', href);
    this.#pendingScroll = samePath ? null : 0;
    this.settle();
  }

  /** Changes the address in place: no new history entry, no scrolling. */
  replace(href: string): void {
    this.#write('replace', href);
  }

  /** Called when a page stands, also by pages that load late: scrolls to where the reader was. */
  settle(): void {
    const wanted = this.#pendingScroll;
    if (wanted === null) return;
    void tick().then(() => {
      window.scrollTo({ top: wanted, behavior: 'instant' });
      if (wanted === 0 || Math.abs(window.scrollY - wanted) < 2) this.#pendingScroll = null;
    });
  }

  #write(how: 'push' | 'replace', href: string): void {
    const key = how === 'push' ? newKey() : this.place.key;
    const entry: Entry = { key, scroll: how === 'push' ? 0 : window.scrollY };
    if (how === 'push') history.pushState(entry, '', href);
    else history.replaceState(entry, '', href);
    this.place = readPlace(key);
  }

  #keepScroll(): void {
    history.replaceState({ key: this.place.key, scroll: window.scrollY } satisfies Entry, '');
    rememberScroll(this.place.key, window.scrollY);
  }

  #onPopState = (event: PopStateEvent): void => {
    rememberScroll(this.place.key, window.scrollY);
    const entry = event.state as Entry | null;
    this.place = readPlace(entry?.key ?? newKey());
    this.#pendingScroll = scrolls.get(this.place.key) ?? entry?.scroll ?? 0;
    this.settle();
  };

  #onClick = (event: MouseEvent): void => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link?.href || link.target || link.hasAttribute('download')) return;
    const url = new URL(link.href);
    if (url.origin !== location.origin || url.hash || !matchPath(url.pathname)) return;
    event.preventDefault();
    this.go(url.href);
  };
}

const scrolls = new Map<string, number>();

function rememberScroll(key: string, top: number): void {
  scrolls.set(key, top);
}

function readPlace(key: string): Place {
  const { pathname, search } = location;
  return { path: pathname, query: new URLSearchParams(search), key, match: matchPath(pathname) };
}

function newKey(): string {
  return Math.random().toString(36).slice(2, 10);
}

export const router = new Router();
