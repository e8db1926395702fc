/** So many days after the end of what there is, or after now when that is over: VIP time adds up. */
export function laterBy(until: string | null, days: number, now = Date.now()): string {
  const from = until ? Math.max(now, Date.parse(until)) : now;
  return new Date(from + days * 86_400_000).toISOString();
}
