import { describe, expect, it } from 'vitest';
import { columnsOf, sumOf } from './minutes';

const minute = (requests: number, errors = 0) => ({ at: `${requests}:${errors}`, requests, errors });

describe('the last minutes', () => {
  it('stand side by side, the busiest as high as the box', () => {
    const columns = columnsOf([minute(50), minute(100, 25), minute(0)], 300, 80);
    expect(columns.map(({ height, failed }) => [height, failed])).toEqual([
      [40, 0],
      [80, 20],
      [0, 0],
    ]);
    expect(columns.map(({ x, width }) => x + width)).toEqual([87.5, 187.5, 287.5]);
  });

  it('show a single failure among many requests', () => {
    expect(columnsOf([minute(100_000, 1)], 100, 50)[0]?.failed).toBe(2);
  });

  it('are nothing when there is nothing, and add up', () => {
    expect(columnsOf([], 100, 50)).toEqual([]);
    expect(sumOf([minute(2, 1), minute(5)])).toEqual({ requests: 7, errors: 1 });
  });
});
