import type { ApiProblem } from '../api/problem';

/** Milliseconds before each next try after a break: some four minutes in all, then somebody is asked. */
export const PAUSES_MS = [
  1000, 2000, 4000, 8000, 15_000, 30_000, 30_000, 30_000, 30_000, 30_000, 30_000, 30_000,
] as const;

/**
 * How long an upload waits after this problem, when it has failed so often in a row; `null` when trying again is for
 * somebody to decide. A 409 that is not about a name says that the offset was wrong: it is asked for again.
 */
export function pauseAfter(
  problem: ApiProblem,
  failures: number,
  pauses: readonly number[] = PAUSES_MS,
): number | null {
  const pause = pauses[failures];
  const isOutOfStep = problem.status === 409 && problem.code !== 'name_taken';
  const mayPass = (problem.isPassing && problem.status !== 507) || isOutOfStep;
  if (pause === undefined || !mayPass) return null;
  return Math.max(pause, (problem.retryAfter ?? 0) * 1000);
}
