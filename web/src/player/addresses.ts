/**
 * The addresses of a film end after a while, and a playlist that was read before names the old ones. This knows every
 * set of addresses that the film had, and turns an old one into the one that works now.
 */
export class Addresses {
  #current: string;
  readonly #former: string[] = [];

  constructor(manifest: string) {
    this.#current = folderOf(manifest);
  }

  renew(manifest: string): void {
    const next = folderOf(manifest);
    if (next === this.#current) return;
    this.#former.push(this.#current);
    this.#current = next;
  }

  /** The address to ask for. What is not under the film's folder stays as it is. */
  now(url: string): string {
    const old = this.#former.find((folder) => url.startsWith(folder));
    return old === undefined ? url : this.#current + url.slice(old.length);
  }
}

function folderOf(manifest: string): string {
  const { href } = new URL('.', new URL(manifest, globalThis.location?.href));
  return href;
}

const LEAST_MS = 60_000;
const BEFORE_MS = 45_000;
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Milliseconds until the addresses should be asked for again: well before they end, and never in a hurry, so that a
 * wrong clock here does not make us ask without end.
 */
export function renewIn(expiresAt: string, now = Date.now()): number {
  const left = Date.parse(expiresAt) - now;
  const wait = left - Math.max(BEFORE_MS, left * 0.1);
  return Number.isFinite(wait) ? Math.min(LONGEST_MS, Math.max(LEAST_MS, wait)) : LEAST_MS;
}

/** Whether they have ended, or do so in the next seconds. */
export function isOver(expiresAt: string, now = Date.now()): boolean {
  return Date.parse(expiresAt) <= now + 5000;
}
