import type { Minute } from '../../api/types';

/** One minute of the chart: where it stands, how high it is, and how much of that failed. */
export interface Column {
  at: string;
  x: number;
  width: number;
  height: number;
  failed: number;
}

const GAP = 0.25;

/** Columns in a box, the highest as high as the box. Whatever failed is at least a hair high. */
export function columnsOf(minutes: readonly Minute[], width: number, height: number): Column[] {
  const most = Math.max(1, ...minutes.map(({ requests }) => requests));
  const step = width / Math.max(1, minutes.length);
  const high = (count: number) => (count > 0 ? Math.max(2, (count / most) * height) : 0);
  return minutes.map(({ at, requests, errors }, index) => ({
    at,
    x: step * (index + GAP / 2),
    width: step * (1 - GAP),
    height: high(Math.max(requests, errors)),
    failed: high(errors),
  }));
}

export function sumOf(minutes: readonly Minute[]): { requests: number; errors: number } {
  const sum = { requests: 0, errors: 0 };
  for (const { requests, errors } of minutes) {
    sum.requests += requests;
    sum.errors += errors;
  }
  return sum;
}
