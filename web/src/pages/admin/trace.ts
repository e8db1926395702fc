/**
 * The path of a line chart in a box: the newest value at the right edge, zero at the bottom, the highest value just
 * below the top. Fewer than two values draw nothing.
 */
export function tracePath(values: number[], width: number, height: number): string {
  if (values.length < 2) return '';
  const top = Math.max(...values, 1e-9);
  const step = width / (values.length - 1);
  const points = values.map((value, index) => {
    const y = height - (Math.max(0, value) / top) * (height - 4);
    return `${round(index * step)},${round(y)}`;
  });
  return `M${points.join(' L')}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** The last values of something that is asked again and again. */
export class Recent {
  readonly #most: number;
  values: number[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  add(value: number): number[] {
    this.values = [...this.values, value].slice(-this.#most);
    return this.values;
  }
}

/** How often something happens in a second, from a counter that is read at odd moments. A restart begins at zero. */
export class Rate {
  #before: { at: number; count: number } | null = null;

  next(count: number, at: number): number | null {
    const before = this.#before;
    this.#before = { at, count };
    if (!before || at <= before.at || count < before.count) return null;
    return ((count - before.count) * 1000) / (at - before.at);
  }
}
