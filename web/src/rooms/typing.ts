/** Who is writing, by room. A word of it holds for a few seconds, or until the message comes. */
export interface Writer {
  id: string;
  username: string;
  until: number;
}

/** As the house says it: five seconds. */
export const HOLDS_MS = 5000;
/** How often we say it ourselves while somebody types. */
export const SAY_EVERY_MS = 2500;
/** What is said sooner after the word before is left out by the house. */
const SOONEST_MS = 1600;

export function withWriter(writers: readonly Writer[], id: string, username: string, now: number): Writer[] {
  const others = writers.filter((writer) => writer.id !== id && writer.until > now);
  return [...others, { id, username, until: now + HOLDS_MS }];
}

export function withoutWriter(writers: readonly Writer[], id: string | undefined, now: number): Writer[] {
  return writers.filter((writer) => writer.id !== id && writer.until > now);
}

/** Says now and then that one writes, not at each letter. */
export class Saying {
  readonly #say: (room: string) => void;
  readonly #now: () => number;
  #last = { room: '', at: -Infinity };
  #every = SAY_EVERY_MS;

  constructor(say: (room: string) => void, now: () => number = Date.now) {
    [this.#say, this.#now] = [say, now];
  }

  typed(room: string): void {
    const at = this.#now();
    if (this.#last.room === room && at - this.#last.at < this.#every) return;
    this.#last = { room, at };
    this.#every = SAY_EVERY_MS;
    this.#say(room);
  }

  /** The message is out: the next letter is said as soon as the house listens. */
  sent(): void {
    this.#every = SOONEST_MS;
  }
}
