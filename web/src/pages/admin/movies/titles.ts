/** A first title from a file's name: `the_long.night-1080p.mp4` -> `The long night 1080p`. */
export function titleFrom(name: string): string {
  const stem = name.replace(/\.[a-z0-9]{2,4}$/i, '');
  const words = stem
    .replace(/[._\-–—]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return words ? words.slice(0, 1).toUpperCase() + words.slice(1) : name;
}
