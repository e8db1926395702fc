import { asProblem, type ApiProblem } from '../api/problem';
import type { Rating } from '../api/types';

/** How the house is asked. */
export interface RatingCalls {
  read: () => Promise<Rating>;
  give: (stars: number) => Promise<unknown>;
  takeBack: () => Promise<unknown>;
}

/**
 * The rating of one film, and the reader's own. What is chosen shows at once; while one choice is on its way only the last
 * of those that follow is sent, and what the house refuses is taken back.
 */
export class Stars {
  /** `null` until the house has answered. */
  rating: Rating | null = $state.raw(null);
  /** What was chosen and is not confirmed yet; `undefined` when nothing is. */
  #chosen: number | null | undefined = $state.raw(undefined);
  #isSending = false;
  readonly #calls: RatingCalls;

  constructor(calls: RatingCalls) {
    this.#calls = calls;
  }

  get own(): number | null {
    return this.#chosen === undefined ? (this.rating?.stars ?? null) : this.#chosen;
  }

  /** Reads it. Returns what went wrong, or `null`. */
  async load(): Promise<ApiProblem | null> {
    try {
      this.rating = await this.#calls.read();
      return null;
    } catch (thrown) {
      return asProblem(thrown);
    }
  }

  /** Gives stars, or takes them back with `null`. Returns what the house said against it, or `null`. */
  async choose(stars: number | null): Promise<ApiProblem | null> {
    this.#chosen = stars;
    if (this.#isSending) return null;
    this.#isSending = true;
    try {
      return await this.#sendLast();
    } finally {
      this.#isSending = false;
      this.#chosen = undefined;
    }
  }

  async #sendLast(): Promise<ApiProblem | null> {
    let sent: number | null | undefined;
    try {
      while (this.#chosen !== undefined && this.#chosen !== sent) {
        sent = this.#chosen;
        await (sent === null ? this.#calls.takeBack() : this.#calls.give(sent));
        if (this.#chosen !== sent) continue;
        // The house has it, whether or not the new average can be read.
        if (this.rating) this.rating = { ...this.rating, stars: sent };
        await this.load();
      }
      return null;
    } catch (thrown) {
      await this.load();
      return asProblem(thrown);
    }
  }
}
