import { live } from './live.svelte';
import type { PushKind } from '../live/frames';

const POLL_MS = 4000;
/** Pushes that come together are answered with one question. */
const GATHER_MS = 400;

/**
 * Keeps something true: asks again when a push says that it changed, and when the connection comes back. Without a live
 * connection, now and then. Returns the way to stop.
 */
export function renewing(kind: PushKind, renew: () => void, everyMs = POLL_MS): () => void {
  let gathering: ReturnType<typeof setTimeout> | undefined;
  const soon = () => {
    gathering ??= setTimeout(() => {
      gathering = undefined;
      renew();
    }, GATHER_MS);
  };
  const stops = [live.on(kind, soon), live.on('hello', soon)];
  const timer = setInterval(() => {
    if (!live.isOn && !document.hidden) renew();
  }, everyMs);
  return () => {
    stops.forEach((stop) => stop());
    clearTimeout(gathering);
    clearInterval(timer);
  };
}
