/** The film that begins by itself when its page opens: the next of its series, after the one that was watched. */
let wanted: string | null = null;

export function continueWith(filmId: string): void {
  wanted = filmId;
}

/** Whether this film was asked for; it is told once, and any other film ends the wish. */
export function isContinued(filmId: string): boolean {
  const isIt = wanted === filmId;
  wanted = null;
  return isIt;
}

let screening = { film: '', number: 0 };

/**
 * Names the screen that a film is shown on. A film that continues another has the same one: its player stays, and with
 * it a full screen, which no browser would give again without a touch. Any other film has a screen of its own.
 */
export function screenOf(filmId: string): string {
  if (screening.film !== filmId) {
    const number = wanted === filmId ? screening.number : screening.number + 1;
    screening = { film: filmId, number };
  }
  return `screen ${screening.number}`;
}
