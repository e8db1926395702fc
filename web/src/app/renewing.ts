import { live } from './live.svelte';
import type { PushKind } from '../live/frames';

const POLL_MS = 4000;

/**
 * Keeps something true: asks again when a push says that it changed, and when the connection comes back. Without a live
 * connection, now and then. Returns the way to stop.
 */
export function renewing(kind: PushKind, renew: () => void, everyMs = POLL_MS): () => void {
  const stops = [live.on(kind, renew), live.on('hello', renew)];
  const timer = setInterval(() => {
    if (!live.isOn && !document.hidden) renew();
  }, everyMs);
  return () => {
    stops.forEach((stop) => stop());
    clearInterval(timer);
  };
}
