const EVERY_SECONDS = 10;
const NEAR_START = 5;
const NEAR_END = 10;
const NEAR_END_SHARE = 0.05;

type Send = (filmId: string, seconds: number, keepalive: boolean) => void;

/** Tells the server where somebody stopped watching: every ten seconds of film, on pause, and on leaving. */
export class PositionKeeper {
  readonly #filmId: string;
  readonly #send: Send;
  #last: number | null = null;

  constructor(filmId: string, send: Send = sendPosition) {
    this.#filmId = filmId;
    this.#send = send;
  }

  /** The film has run on to here. The first call only takes note. */
  tick(seconds: number): void {
    if (this.#last === null) this.#last = seconds;
    else if (Math.abs(seconds - this.#last) >= EVERY_SECONDS) this.keep(seconds);
  }

  keep(seconds: number): void {
    if (this.#last === seconds) return;
    this.#last = seconds;
    this.#send(this.#filmId, seconds, false);
  }

  /** The page goes away: the request must outlive it. Nothing is sent if nothing was watched. */
  leave(seconds: number): void {
    if (this.#last === null || this.#last === seconds) return;
    this.#last = seconds;
    this.#send(this.#filmId, seconds, true);
  }
}

/** The first seconds and the credits are no place to come back to. */
export function isWorthResuming(seconds: number, duration: number): boolean {
  if (!Number.isFinite(duration)) return false;
  return seconds > NEAR_START && seconds < duration - Math.min(NEAR_END, duration * NEAR_END_SHARE);
}

/** A lost position is not worth a word to the reader: the next one comes in ten seconds. */
function sendPosition(filmId: string, seconds: number, keepalive: boolean): void {
  void fetch(`/api/v1/movies/${encodeURIComponent(filmId)}/position`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ seconds }),
    keepalive,
  }).catch(() => undefined);
}
