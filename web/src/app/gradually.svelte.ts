/** Cards that are made in one task: as many as a slow phone makes before a finger notices. */
const STEP = 2;

/**
 * How many things of a list are made yet. The others follow in tasks of their own, so that whoever taps need not wait for what
 * is not on the screen; their places must be there from the beginning. Call it while a component is made.
 */
export function gradually(count: () => number, isWhole = false, step = STEP) {
  let made = $state(isWhole ? Infinity : step);
  $effect(() => {
    if (made >= count()) return;
    const timer = setTimeout(() => (made += step));
    return () => clearTimeout(timer);
  });
  return {
    get made() {
      return made;
    },
    /** All of them, at once. */
    finish() {
      made = Infinity;
    },
  };
}

/** Lets the browser do what waits, such as answering a finger. */
export function nextTask(): Promise<void> {
  return new Promise((done) => setTimeout(done));
}

const waiting = new Set<() => void>();

/** Does `work` in a task of its own, after what was asked for before. Returns the way to take it back. */
export function later(work: () => void): () => void {
  waiting.add(work);
  if (waiting.size === 1) setTimeout(doNext);
  return () => waiting.delete(work);
}

function doNext(): void {
  const [next] = waiting;
  if (!next) return;
  next();
  waiting.delete(next);
  if (waiting.size > 0) setTimeout(doNext);
}
