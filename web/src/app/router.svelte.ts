import { tick } from 'svelte';
import { matchPath, type Match } from './routes';
import { notePlace, returnTo, TOP, type ScrollPlace } from './scrolling';

/**
 * History routing. Each history entry has a `key`, so that a page can find what it kept for that entry (a long list,
 * say), and the reader comes back to the place in it that they left.
 */
export interface Location {
  path: string;
  query: URLSearchParams;
  key: string;
  match: Match;
}

class Router {
  place: Location = $state.raw(readLocation(newKey()));
  #left = new Map<string, ScrollPlace>();
  #wanted: ScrollPlace | null = null;

  /** Takes over links and the back button. Returns the way to let go of them. */
  start(): () => void {
    history.scrollRestoration = 'manual';
    const key = keyOf(history.state);
    if (key) this.place = readLocation(key);
    else this.#write('replace', location.href);
    window.addEventListener('popstate', this.#onPopState);
    document.addEventListener('click', this.#onClick);
    return () => {
      window.removeEventListener('popstate', this.#onPopState);
      document.removeEventListener('click', this.#onClick);
    };
  }

  /** Goes to a new page, from its top; another query of the same page stays where it is. */
  go(href: string): void {
    this.#left.set(this.place.key, notePlace());
    const from = this.place.path;
    this.#write('push', href);
    this.#wanted = this.place.path === from ? null : TOP;
    this.settle();
  }

  /** Changes the address in place: no new history entry, no scrolling. */
  replace(href: string): void {
    this.#write('replace', href);
  }

  /** Called when a page stands, also by pages that load late: scrolls to where the reader was. */
  settle(): void {
    const wanted = this.#wanted;
    if (!wanted) return;
    void tick().then(() => {
      if (returnTo(wanted) && this.#wanted === wanted) this.#wanted = null;
    });
  }

  #write(how: 'push' | 'replace', href: string): void {
    const key = how === 'push' ? newKey() : this.place.key;
    if (how === 'push') history.pushState({ key }, '', href);
    else history.replaceState({ key }, '', href);
    this.place = readLocation(key);
  }

  #onPopState = (event: PopStateEvent): void => {
    this.#left.set(this.place.key, notePlace());
    this.place = readLocation(keyOf(event.state) ?? newKey());
    this.#wanted = this.#left.get(this.place.key) ?? TOP;
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

function readLocation(key: string): Location {
  const { pathname, search } = location;
  return { path: pathname, query: new URLSearchParams(search), key, match: matchPath(pathname) };
}

function keyOf(state: unknown): string | undefined {
  const key = typeof state === 'object' && state !== null && 'key' in state ? state.key : undefined;
  return typeof key === 'string' ? key : undefined;
}

function newKey(): string {
  return Math.random().toString(36).slice(2, 10);
}

export const router = new Router();
