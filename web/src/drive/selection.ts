/**
 * What is selected in a list, as plain values. `active` is where the keyboard stands, `anchor` where a range began.
 * Every function returns a new selection and looks at the list as it is at that moment.
 */
export interface Selection {
  readonly ids: ReadonlySet<string>;
  readonly active: string | null;
  readonly anchor: string | null;
}

export interface Keys {
  /** Ctrl, or Command. */
  toggle?: boolean;
  shift?: boolean;
}

export const NOTHING: Selection = { ids: new Set(), active: null, anchor: null };

/** A press on a row: alone, added to the others, or everything between the anchor and here. */
export function press(list: readonly string[], before: Selection, id: string, keys: Keys = {}): Selection {
  if (keys.shift) return range(list, before, id, keys.toggle ?? false);
  if (keys.toggle) return toggle(before, id);
  return { ids: new Set([id]), active: id, anchor: id };
}

/** Moves the keyboard by so many rows. With Ctrl only the place moves; with Shift the range grows. */
export function moveBy(list: readonly string[], before: Selection, step: number, keys: Keys = {}): Selection {
  const from = before.active === null ? -1 : list.indexOf(before.active);
  const start = from === -1 ? (step > 0 ? -1 : list.length) : from;
  const to = Math.min(list.length - 1, Math.max(0, start + step));
  return moveTo(list, before, to, keys);
}

export function moveTo(
  list: readonly string[],
  before: Selection,
  index: number,
  keys: Keys = {},
): Selection {
  const id = list[index];
  if (id === undefined) return before;
  if (keys.shift) return range(list, before, id, false);
  if (keys.toggle) return { ...before, active: id };
  return { ids: new Set([id]), active: id, anchor: id };
}

export function toggle(before: Selection, id: string): Selection {
  const ids = new Set(before.ids);
  if (!ids.delete(id)) ids.add(id);
  return { ids, active: id, anchor: id };
}

export function all(list: readonly string[], before: Selection): Selection {
  return { ids: new Set(list), active: before.active ?? list[0] ?? null, anchor: before.anchor };
}

/** What a rubber band caught, on top of what was selected when it began. */
export function band(base: ReadonlySet<string>, caught: readonly string[]): Selection {
  const last = caught.at(-1) ?? null;
  return { ids: new Set([...base, ...caught]), active: last, anchor: last };
}

/**
 * The list has changed: what is gone is selected no more, and the keyboard goes to the row that took its place.
 */
export function keepWithin(
  list: readonly string[],
  before: Selection,
  previous: readonly string[],
): Selection {
  const known = new Set(list);
  const lost = [...before.ids].some((id) => !known.has(id));
  const isActiveGone = before.active !== null && !known.has(before.active);
  if (!lost && !isActiveGone) return before;
  const ids = new Set([...before.ids].filter((id) => known.has(id)));
  const active = isActiveGone ? neighbour(known, previous, before.active) : before.active;
  const anchor = before.anchor !== null && known.has(before.anchor) ? before.anchor : active;
  return { ids, active, anchor };
}

function neighbour(known: Set<string>, previous: readonly string[], gone: string | null): string | null {
  const at = previous.indexOf(gone ?? '');
  if (at === -1) return null;
  const after = previous.slice(at).find((id) => known.has(id));
  return after ?? previous.slice(0, at).findLast((id) => known.has(id)) ?? null;
}

function range(list: readonly string[], before: Selection, id: string, isAdded: boolean): Selection {
  const anchor = before.anchor !== null && list.includes(before.anchor) ? before.anchor : id;
  const [a, b] = [list.indexOf(anchor), list.indexOf(id)];
  const between = list.slice(Math.min(a, b), Math.max(a, b) + 1);
  return { ids: new Set(isAdded ? [...before.ids, ...between] : between), active: id, anchor };
}
