/** Cards that are made in one task: as many as a slow phone makes before a finger notices. */
const STEP = 2;

/**
 * How many cards of a list are made yet. The others follow in tasks of their own, so that whoever taps need not wait for what
 * is not on the screen; their places must be there from the beginning. Call it while a component is made.
 */
export function gradually(count: () => number, isWhole = false) {
  let made = $state(isWhole ? Infinity : STEP);
  $effect(() => {
    if (made >= count()) return;
    const timer = setTimeout(() => (made += STEP));
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
