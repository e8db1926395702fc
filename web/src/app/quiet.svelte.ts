/** How long the first page has the browser to itself. */
const REST_MS = 1200;
/** When nobody has touched anything for so long, more may be fetched all the same. */
const ALONE_MS = 8000;
const WATCHING = { capture: true, passive: true };
const TOUCHES = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'scroll'];
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

/** Runs `work` once, when somebody begins to move on the page, or has only looked at it for a while. */
export function whenAtHome(work: () => void): void {
  const timer = setTimeout(begin, ALONE_MS);
  function begin() {
    clearTimeout(timer);
    TOUCHES.forEach((touch) => removeEventListener(touch, begin, WATCHING));
    whenIdle(work);
  }
  TOUCHES.forEach((touch) => addEventListener(touch, begin, WATCHING));
}
