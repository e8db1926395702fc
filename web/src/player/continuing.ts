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
