const FIRST_MS = 250;
const LONGEST_MS = 30_000;

/** How long to wait before connecting again: longer after each failure, by chance, so that not all come back at once. */
export class Backoff {
  #failures = 0;
  readonly #chance: () => number;

  constructor(chance: () => number = Math.random) {
    this.#chance = chance;
  }

  next(): number {
    const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#failures);
    this.#failures += 1;
    return Math.round(longest * (0.5 + this.#chance() / 2));
  }

  reset(): void {
    this.#failures = 0;
  }
}

/** A bucket of requests: so many at once, so many more each second. The house refuses more than it allows. */
export class Allowance {
  #tokens: number;
  #at: number;
  readonly #burst: number;
  readonly #perSecond: number;
  readonly #now: () => number;

  constructor(burst: number, perSecond: number, now: () => number = Date.now) {
    [this.#burst, this.#perSecond, this.#now] = [burst, perSecond, now];
    [this.#tokens, this.#at] = [burst, now()];
  }

  /** Takes one; answers 0, or the milliseconds until there is one to take. */
  take(): number {
    const now = this.#now();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) / 1000) * this.#perSecond);
    this.#at = now;
    if (this.#tokens < 1) return Math.ceil(((1 - this.#tokens) / this.#perSecond) * 1000);
    this.#tokens -= 1;
    return 0;
  }
}
