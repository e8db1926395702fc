/**
 * A wait that is right even when the tab slept: it counts towards a moment, not ticks. `now` is a monotonic clock in
 * milliseconds, so that setting the computer's clock changes nothing.
 */
export class Countdown {
  readonly totalSeconds: number;
  readonly #endsAt: number;
  readonly #now: () => number;

  constructor(seconds: number, now: () => number = () => performance.now()) {
    this.totalSeconds = Math.max(0, seconds);
    this.#now = now;
    this.#endsAt = now() + this.totalSeconds * 1000;
  }

  /** Whole seconds that are left, rounded up: 0 only when it is really over. */
  get secondsLeft(): number {
    return Math.max(0, Math.ceil((this.#endsAt - this.#now()) / 1000));
  }

  /** 0 at the start, 1 at the end. */
  get fraction(): number {
    if (this.totalSeconds === 0) return 1;
    const left = (this.#endsAt - this.#now()) / 1000;
    return Math.min(1, Math.max(0, 1 - left / this.totalSeconds));
  }

  get isOver(): boolean {
    return this.#now() >= this.#endsAt;
  }
}

/** Which seconds a screen reader hears: the first one, every ten, and the last five. More would drown the page. */
export function isSpoken(secondsLeft: number, totalSeconds: number): boolean {
  return secondsLeft === totalSeconds || secondsLeft % 10 === 0 || secondsLeft <= 5;
}
