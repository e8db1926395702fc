import type { Entry } from '../api/types';
import {
  all,
  band,
  keepWithin,
  moveBy,
  moveTo,
  NOTHING,
  press,
  toggle,
  type Keys,
  type Selection,
} from './selection';
import type { EntryList } from './list.svelte';

/** The selection in one list, as the page shows it. */
export class Picks {
  readonly list: EntryList;
  #now: Selection = $state.raw(NOTHING);
  #base: ReadonlySet<string> = new Set();

  constructor(list: EntryList) {
    this.list = list;
  }

  get ids(): ReadonlySet<string> {
    return this.#now.ids;
  }

  get active(): string | null {
    return this.#now.active;
  }

  get entries(): Entry[] {
    const { ids } = this.#now;
    return ids.size === 0 ? [] : this.list.items.filter(({ id }) => ids.has(id));
  }

  get activeIndex(): number {
    return this.#now.active === null ? -1 : this.list.ids.indexOf(this.#now.active);
  }

  press(id: string, keys: Keys = {}): void {
    this.#now = press(this.list.ids, this.#now, id, keys);
  }

  toggle(id: string): void {
    this.#now = toggle(this.#now, id);
  }

  moveBy(step: number, keys: Keys): void {
    this.#now = moveBy(this.list.ids, this.#now, step, keys);
  }

  moveTo(index: number, keys: Keys = {}): void {
    this.#now = moveTo(this.list.ids, this.#now, index, keys);
  }

  clear(): void {
    this.#now = { ...NOTHING, active: this.#now.active };
  }

  /** Everything, also what has not been read yet. */
  async all(): Promise<void> {
    this.#now = all(this.list.ids, this.#now);
    if (this.list.hasMore && (await this.list.readAll())) this.#now = all(this.list.ids, this.#now);
  }

  /** A rubber band begins: on top of what is selected, or instead of it. */
  beginBand(isAdded: boolean): void {
    this.#base = isAdded ? this.#now.ids : new Set();
  }

  band(indexes: readonly number[]): void {
    this.#now = band(
      this.#base,
      indexes.flatMap((index) => this.list.ids[index] ?? []),
    );
  }

  /** The list has changed. */
  follow(previous: readonly string[]): void {
    this.#now = keepWithin(this.list.ids, this.#now, previous);
  }
}
