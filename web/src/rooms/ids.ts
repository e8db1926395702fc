/**
 * An id for something that is said: a UUID of version 7. Those of all senders follow each other in time, so the house keeps
 * them in few places, however many speak at once.
 */
export function timeOrderedId(now: number, random: string = crypto.randomUUID()): string {
  const time = Math.max(0, Math.trunc(now)).toString(16).padStart(12, '0').slice(-12);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(15)}`;
}
