const SPAN_MS = 6000;

/** Bytes per second over the last few seconds, steady enough to be read. */
export class Speed {
  #samples: { at: number; bytes: number }[] = [];

  /** `bytes` is the sum so far. A sum that falls (something was cancelled) begins anew. */
  note(bytes: number, at: number): void {
    const last = this.#samples.at(-1);
    if (last && bytes < last.bytes) this.#samples = [];
    this.#samples.push({ at, bytes });
    while ((this.#samples[0]?.at ?? at) < at - SPAN_MS) this.#samples.shift();
  }

  get bytesPerSecond(): number {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (!first || !last || last.at - first.at < 400) return 0;
    return ((last.bytes - first.bytes) / (last.at - first.at)) * 1000;
  }

  /** Seconds until so many bytes more are there; `null` while nothing moves. */
  secondsFor(bytes: number): number | null {
    const speed = this.bytesPerSecond;
    return speed > 0 ? bytes / speed : null;
  }

  forget(): void {
    this.#samples = [];
  }
}
