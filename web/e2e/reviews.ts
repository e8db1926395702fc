import { randomUUID } from 'node:crypto';
import type { Page, Route } from 'playwright-core';

export interface Said {
  id: string;
  movie_id: string;
  author: { id: string; username: string };
  text: string | null;
  created_at: string;
  edited_at: string | null;
  hidden: boolean;
}

const PAGE = 20;

/** What a house keeps of the ratings and comments of its films, answered as its API says. */
export class ReviewHouse {
  /** The stars that others gave. */
  given: number[] = [5, 4, 4];
  mine: number | null = null;
  comments: Said[] = [];
  reports: { id: string; reason: string | undefined; username?: string }[] = [];
  /** Answers what is written in the house's stead while it is set. */
  refusal: { status: number; headers?: Record<string, string>; json: object } | null = null;
  readonly #me: { id: string; username: string };

  constructor(me: { id: string; username: string }) {
    this.#me = me;
  }

  /** Somebody says something, so many minutes ago. */
  says(username: string, text: string, minutes = 5): Said {
    const said = {
      id: randomUUID(),
      movie_id: randomUUID(),
      author: username === this.#me.username ? this.#me : { id: randomUUID(), username },
      text,
      created_at: new Date(Date.now() - minutes * 60_000).toISOString(),
      edited_at: null,
      hidden: false,
    };
    this.comments.push(said);
    return said;
  }

  async open(page: Page): Promise<void> {
    await page.route('**/api/v1/movies/*/rating', (route) => this.#rating(route));
    await page.route(/\/api\/v1\/movies\/[^/]+\/comments/, (route) => this.#list(route));
    await page.route(/\/api\/v1\/comments\//, (route) => this.#one(route));
    await page.route(/\/api\/v1\/admin\/comments\/[^/]+\/(hide|show)$/, (route) => {
      const [, id, act] = /comments\/([^/]+)\/(\w+)$/.exec(route.request().url()) ?? [];
      this.#change(id, { hidden: act === 'hide' });
      if (act === 'show') this.reports = this.reports.filter((one) => one.id !== id);
      return route.fulfill({ status: 204 });
    });
    await page.route(/\/api\/v1\/admin\/comments\?/, (route) => this.#moderated(route));
    await page.route(/\/api\/v1\/admin\/comments\/[^/]+\/reports/, (route) => {
      const [, id] = /comments\/([^/]+)\/reports/.exec(route.request().url()) ?? [];
      const items = this.reports
        .filter((one) => one.id === id)
        .map(({ reason, username = 'somebody' }) => ({
          account: { id: randomUUID(), username },
          reason: reason ?? null,
          created_at: new Date().toISOString(),
        }));
      return route.fulfill({ json: { items, next_cursor: null } });
    });
  }

  #moderated(route: Route) {
    const state = new URL(route.request().url()).searchParams.get('state') ?? 'reported';
    const items = this.comments
      .map((one) => ({
        ...one,
        movie: { id: one.movie_id, title: 'The Harbour' },
        reports: this.reports.filter(({ id }) => id === one.id).length,
      }))
      .filter(
        ({ hidden, reports }) => state === 'all' || (state === 'hidden' ? hidden : reports > 0 && !hidden),
      );
    return route.fulfill({ json: { items, next_cursor: null } });
  }

  #rating(route: Route) {
    const method = route.request().method();
    if (method !== 'GET' && this.refusal) return route.fulfill(this.refusal);
    if (method === 'PUT') this.mine = (route.request().postDataJSON() as { stars: number }).stars;
    if (method === 'DELETE') this.mine = null;
    if (method !== 'GET') return route.fulfill({ status: 204 });
    const all = this.mine === null ? this.given : [...this.given, this.mine];
    const average = all.length ? all.reduce((sum, one) => sum + one, 0) / all.length : null;
    return route.fulfill({ json: { average, count: all.length, stars: this.mine } });
  }

  #list(route: Route) {
    if (route.request().method() === 'POST') {
      if (this.refusal) return route.fulfill(this.refusal);
      const { text } = route.request().postDataJSON() as { text: string };
      return route.fulfill({ status: 201, json: this.says(this.#me.username, text, 0) });
    }
    const from = Number(new URL(route.request().url()).searchParams.get('cursor') ?? 0);
    const sorted = this.comments.toSorted((a, b) => b.created_at.localeCompare(a.created_at));
    const next = from + PAGE < sorted.length ? String(from + PAGE) : null;
    return route.fulfill({ json: { items: sorted.slice(from, from + PAGE), next_cursor: next } });
  }

  #one(route: Route) {
    const [, id, act] = /comments\/([^/]+)\/?(\w*)$/.exec(route.request().url()) ?? [];
    const body = route.request().postDataJSON() as { text?: string; reason?: string } | null;
    if (this.refusal) return route.fulfill(this.refusal);
    if (act === 'report') this.reports.push({ id: id ?? '', reason: body?.reason });
    else if (route.request().method() === 'DELETE')
      this.comments = this.comments.filter((one) => one.id !== id);
    else {
      this.#change(id, { text: body?.text ?? '', edited_at: new Date().toISOString() });
      return route.fulfill({ json: this.comments.find((one) => one.id === id) });
    }
    return route.fulfill({ status: 204 });
  }

  #change(id: string | undefined, changes: Partial<Said>) {
    this.comments = this.comments.map((one) => (one.id === id ? { ...one, ...changes } : one));
  }
}
