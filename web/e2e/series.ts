import type { Page, Route } from 'playwright-core';

export interface Film {
  id: string;
  title: string;
  price: number;
}

interface Placed {
  season: number;
  episode: number;
  movie: Film;
}

interface Kept {
  id: string;
  title: string;
  description: string;
  films: Placed[];
}

const PAGE = 36;

/** What a house keeps of its series, answered as its API says. */
export class SeriesHouse {
  series: Kept[] = [];
  #films: Film[];
  #last = 0;

  constructor(films: Film[]) {
    this.#films = films;
  }

  /** A series of these films, told by `[season, episode, index of the film]`. */
  holds(title: string, places: [number, number, number][], description = ''): Kept {
    const films = places.map(([season, episode, index]) => {
      const movie = this.#films[index];
      if (!movie) throw new Error(`The house has no film ${index}.`);
      return { season, episode, movie };
    });
    const kept = { id: this.#newId(), title, description, films };
    this.series.push(kept);
    return kept;
  }

  async open(page: Page): Promise<void> {
    await page.route(/\/api\/v1\/series(\?|$)/, (route) => this.#list(route));
    await page.route(/\/api\/v1\/series\/[^/?]+$/, (route) => this.#answer(route, this.#named(route)));
    await page.route(/\/api\/v1\/movies\/[^/]+\/series$/, (route) => this.#place(route));
    await page.route(/\/api\/v1\/admin\/series$/, (route) => {
      const body = route.request().postDataJSON() as { title: string; description?: string };
      const title = body.title.trim();
      if (!title) return route.fulfill(wrong('title', 'Give it a title.'));
      const kept = { id: this.#newId(), title, description: body.description ?? '', films: [] };
      this.series.push(kept);
      return route.fulfill({ status: 201, json: detailOf(kept) });
    });
    await page.route(/\/api\/v1\/admin\/series\/[^/]+$/, (route) => this.#change(route));
    await page.route(/\/api\/v1\/admin\/series\/[^/]+\/films\/[^/]+$/, (route) => this.#put(route));
  }

  #newId(): string {
    this.#last += 1;
    return `00000000-0000-7000-8000-${String(this.#last).padStart(12, '0')}`;
  }

  #named(route: Route): Kept | undefined {
    const [, id] = /\/series\/([^/?]+)/.exec(route.request().url()) ?? [];
    return this.series.find((one) => one.id === id);
  }

  #answer(route: Route, kept: Kept | undefined) {
    if (!kept) return route.fulfill({ status: 404, json: { code: 'not_found', title: 'Not found' } });
    return route.fulfill({ json: detailOf(kept) });
  }

  #list(route: Route) {
    const from = Number(new URL(route.request().url()).searchParams.get('cursor') ?? 0);
    const items = this.series.map(({ id, title, description, films }) => ({
      id,
      title,
      description,
      films: films.length,
      seasons: new Set(films.map(({ season }) => season)).size,
      poster_url: null,
    }));
    const next = from + PAGE < items.length ? String(from + PAGE) : null;
    return route.fulfill({ json: { items: items.slice(from, from + PAGE), next_cursor: next } });
  }

  #place(route: Route) {
    const [, id] = /movies\/([^/]+)\/series$/.exec(route.request().url()) ?? [];
    const series = this.series.find(({ films }) => films.some(({ movie }) => movie.id === id));
    const films = series ? sorted(series) : [];
    const index = films.findIndex(({ movie }) => movie.id === id);
    return route.fulfill({
      json: {
        series: series ? { id: series.id, title: series.title } : null,
        season: films[index]?.season ?? null,
        episode: films[index]?.episode ?? null,
        previous: films[index - 1]?.movie ?? null,
        next: (index >= 0 && films[index + 1]?.movie) || null,
      },
    });
  }

  #change(route: Route) {
    const kept = this.#named(route);
    if (kept && route.request().method() === 'PATCH') Object.assign(kept, route.request().postDataJSON());
    if (route.request().method() === 'PATCH') return this.#answer(route, kept);
    this.series = this.series.filter((one) => one !== kept);
    return route.fulfill({ status: 204 });
  }

  #put(route: Route) {
    const [, film] = /films\/([^/]+)$/.exec(route.request().url()) ?? [];
    const kept = this.#named(route);
    if (!kept) return this.#answer(route, kept);
    const others = kept.films.filter(({ movie }) => movie.id !== film);
    if (route.request().method() === 'PUT') {
      const place = route.request().postDataJSON() as { season: number; episode: number };
      const isTaken = others.some(
        ({ season, episode }) => season === place.season && episode === place.episode,
      );
      if (isTaken) return route.fulfill(conflict('episode_taken', 'Another film has this place.'));
      const elsewhere = this.series.some(
        (one) => one !== kept && one.films.some(({ movie }) => movie.id === film),
      );
      if (elsewhere) return route.fulfill(conflict('conflict', 'The film is in another series.'));
      const movie = this.#films.find(({ id }) => id === film);
      if (movie) others.push({ ...place, movie });
    }
    kept.films = others;
    return route.fulfill({ status: 204 });
  }
}

function sorted({ films }: Kept): Placed[] {
  return films.toSorted((a, b) => a.season - b.season || a.episode - b.episode);
}

function detailOf(kept: Kept) {
  const { id, title, description } = kept;
  const numbers = [...new Set(sorted(kept).map(({ season }) => season))];
  const seasons = numbers.map((number) => ({
    number,
    films: sorted(kept)
      .filter(({ season }) => season === number)
      .map(({ episode, movie }) => ({ episode, movie })),
  }));
  return { id, title, description, seasons };
}

function conflict(code: string, detail: string) {
  return { status: 409, json: { code, detail } };
}

function wrong(field: string, detail: string) {
  return { status: 422, json: { code: 'invalid', title: 'Invalid', errors: [{ field, detail }] } };
}
