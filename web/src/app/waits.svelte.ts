import { api, call } from '../api/client';
import { asProblem, readRetryAfter, type ApiProblem } from '../api/problem';
import type { Film, Ticket } from '../api/types';
import { Countdown } from './countdown';

const TICK_MS = 100;
const SLACK_SECONDS = 0.3;

/** One download that was asked for: its ticket, and the wait before the server lets the bytes go. */
export class Wait {
  readonly film: Pick<Film, 'id' | 'title'>;
  readonly ticket: Ticket;
  phase: 'waiting' | 'ready' = $state('waiting');
  secondsLeft = $state(0);
  fraction = $state(0);
  totalSeconds = $state(0);
  #countdown: Countdown;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(film: Pick<Film, 'id' | 'title'>, ticket: Ticket) {
    this.film = film;
    this.ticket = ticket;
    this.#countdown = new Countdown(ticket.wait_seconds);
    this.#begin(ticket.wait_seconds);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #begin(seconds: number): void {
    if (seconds <= 0) {
      this.#finish();
      return;
    }
    this.#countdown = new Countdown(seconds + SLACK_SECONDS);
    this.totalSeconds = Math.ceil(seconds);
    this.#tick();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  #tick(): void {
    this.secondsLeft = Math.min(this.totalSeconds, this.#countdown.secondsLeft);
    this.fraction = this.#countdown.fraction;
    if (!this.#countdown.isOver) return;
    this.stop();
    void this.#ask();
  }

  /** The server keeps the time. If it says "too early", we wait on for as long as it says. */
  async #ask(): Promise<void> {
    const answer = await fetch(this.ticket.url, { method: 'HEAD' }).catch(() => null);
    if (answer?.status === 425) this.#begin(readRetryAfter(answer.headers.get('Retry-After')) ?? 1);
    else this.#finish();
  }

  #finish(): void {
    this.phase = 'ready';
    this.secondsLeft = 0;
    this.fraction = 1;
    saveFile(this.ticket.url);
  }
}

/** The downloads of this visit, at most one for each film. They go on while other pages are read. */
class Waits {
  list: Wait[] = $state.raw([]);
  asking: string | null = $state(null);
  problem: { filmId: string; problem: ApiProblem } | null = $state.raw(null);

  of(filmId: string): Wait | undefined {
    return this.list.find((wait) => wait.film.id === filmId);
  }

  async start(film: Pick<Film, 'id' | 'title'>): Promise<void> {
    this.asking = film.id;
    this.problem = null;
    try {
      const params = { path: { id: film.id } };
      const ticket = await call(api.POST('/api/v1/movies/{id}/downloads', { params }));
      this.drop(film.id);
      this.list = [...this.list, new Wait(film, ticket)];
    } catch (thrown) {
      this.problem = { filmId: film.id, problem: asProblem(thrown) };
    } finally {
      this.asking = null;
    }
  }

  drop(filmId: string): void {
    this.of(filmId)?.stop();
    this.list = this.list.filter((wait) => wait.film.id !== filmId);
  }
}

/** Hands an address to the browser's own download list. The server names the file. */
function saveFile(url: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = '';
  document.body.append(link);
  link.click();
  link.remove();
}

export const waits = new Waits();
