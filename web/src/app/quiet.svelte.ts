/** How long the first page has the browser to itself. */
const REST_MS = 1200;
/** Busy or not, what waits comes in the end. */
const LATEST_MS = 4000;

/** Whether the first page stands: what the reader does not see yet may come now. */
class Quiet {
  isQuiet = $state(false);

  /** Begins to wait. Called when the first page is known. */
  start(): void {
    if (this.isQuiet) return;
    setTimeout(() => whenIdle(() => (this.isQuiet = true)), REST_MS);
  }
}

export const quiet = new Quiet();

/** Runs `work` when the browser has nothing else to do. */
export function whenIdle(work: () => void): void {
  if ('requestIdleCallback' in window) window.requestIdleCallback(work, { timeout: LATEST_MS });
  else setTimeout(work, 200);
}
