/**
 * How high the rows of a long list are, and where each begins. Rows that were never on the screen have a guessed height.
 * A Fenwick tree: to change one height, to add at the end and to find a place cost the logarithm of the number of rows.
 */
export class Heights {
  #keys: string[] = [];
  #heights = new Float64Array(256);
  #tree = new Float64Array(257);
  readonly #known = new Map<string, number>();
  /** Where each key stands, counted from the first row that was ever there. */
  readonly #places = new Map<string, number>();
  #first = 0;
  readonly #guess: number;

  constructor(guess: number) {
    this.#guess = guess;
  }

  get count(): number {
    return this.#keys.length;
  }

  get total(): number {
    return this.offsetOf(this.count);
  }

  heightOf(index: number): number {
    return this.#heights[index] ?? 0;
  }

  indexOfKey(key: string): number {
    const place = this.#places.get(key);
    return place === undefined ? -1 : place - this.#first;
  }

  /** Where a row begins, from the top of the list. */
  offsetOf(index: number): number {
    let sum = 0;
    for (let at = Math.min(index, this.count); at > 0; at -= at & -at) sum += this.#tree[at] ?? 0;
    return sum;
  }

  /** The row at a distance from the top; the first or the last one beyond the ends. */
  indexAt(top: number): number {
    let at = 0;
    let rest = top;
    let step = 1;
    while (step * 2 <= this.count) step *= 2;
    for (; step > 0; step = Math.floor(step / 2)) {
      const next = at + step;
      const sum = this.#tree[next] ?? 0;
      if (next <= this.count && sum <= rest) {
        at = next;
        rest -= sum;
      }
    }
    return Math.max(0, Math.min(at, this.count - 1));
  }

  /** A row was measured. Returns whether it is another height than before. */
  measure(index: number, height: number): boolean {
    const key = this.#keys[index];
    if (key === undefined) return false;
    const more = height - this.heightOf(index);
    if (Math.abs(more) < 0.5) return false;
    this.#known.set(key, height);
    this.#heights[index] = height;
    for (let at = index + 1; at <= this.count; at += at & -at) this.#tree[at] = (this.#tree[at] ?? 0) + more;
    return true;
  }

  /** The rows are these now. Mostly some have come at one end, and a few at the other end have changed. */
  follow(keys: string[]): void {
    const [oldFirst] = this.#keys;
    const shift = oldFirst === undefined ? 0 : keys.indexOf(oldFirst);
    if (shift < 0) {
      this.#cut(0);
      this.#first = 0;
    } else if (shift > 0) this.#prepend(keys.slice(0, shift));
    let same = Math.min(this.count, keys.length);
    while (same > 0 && !this.#isSameBefore(keys, same)) same -= 1;
    this.#cut(same);
    for (let at = same; at < keys.length; at += 1) this.#append(keys[at] ?? '');
  }

  #cut(count: number): void {
    if (count < this.count) for (const key of this.#keys.splice(count)) this.#places.delete(key);
  }

  /** Everything moves by as many places: one pass over the numbers. */
  #prepend(keys: string[]): void {
    const count = keys.length + this.count;
    if (count > this.#heights.length) this.#grow(count * 2);
    this.#heights.copyWithin(keys.length, 0, this.count);
    this.#first -= keys.length;
    for (const [at, key] of keys.entries()) {
      this.#heights[at] = this.#known.get(key) ?? this.#guess;
      this.#places.set(key, this.#first + at);
    }
    this.#keys = [...keys, ...this.#keys];
    this.#tree.fill(0, 0, count + 1);
    for (let at = 1; at <= count; at += 1) {
      const sum = (this.#tree[at] ?? 0) + (this.#heights[at - 1] ?? 0);
      this.#tree[at] = sum;
      const above = at + (at & -at);
      if (above <= count) this.#tree[above] = (this.#tree[above] ?? 0) + sum;
    }
  }

  /** Rows that wait to be sent stand at the end and may change their order: a few equal rows prove nothing. */
  #isSameBefore(keys: string[], same: number): boolean {
    const few = 16;
    for (let at = Math.max(0, same - few); at < same; at += 1) if (this.#keys[at] !== keys[at]) return false;
    return true;
  }

  #append(key: string): void {
    const count = this.count + 1;
    if (count > this.#heights.length) this.#grow(count * 2);
    const height = this.#known.get(key) ?? this.#guess;
    this.#keys.push(key);
    this.#places.set(key, this.#first + count - 1);
    this.#heights[count - 1] = height;
    let sum = height;
    const stop = count - (count & -count);
    for (let at = count - 1; at > stop; at -= at & -at) sum += this.#tree[at] ?? 0;
    this.#tree[count] = sum;
  }

  #grow(size: number): void {
    const [heights, tree] = [this.#heights, this.#tree];
    this.#heights = new Float64Array(size);
    this.#heights.set(heights);
    this.#tree = new Float64Array(size + 1);
    this.#tree.set(tree);
  }
}
