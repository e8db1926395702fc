/** How long the first page has the browser to itself. */
const REST_MS = 1200;
/** Busy or not, what waits comes in the end. */
const LATEST_MS = 4000;
const SOON_MS = 600;

/** How far the first page is: what the reader does not see yet waits for it. */
class Quiet {
  /** It is drawn: what happens meanwhile may be told. */
  isDrawn = $state(false);
  /** It stands with all that it asked for. */
  isQuiet = $state(false);

  /** Begins to wait. Called when the first page is known. */
  start(): void {
    if (this.isQuiet) return;
    whenIdle(() => (this.isDrawn = true), SOON_MS);
    setTimeout(() => whenIdle(() => (this.isQuiet = true)), REST_MS);
  }
}

export const quiet = new Quiet();

/** Runs `work` when the browser has nothing else to do. */
export function whenIdle(work: () => void, timeout = LATEST_MS): void {
  if ('requestIdleCallback' in window) window.requestIdleCallback(work, { timeout });
  else setTimeout(work, 200);
}
