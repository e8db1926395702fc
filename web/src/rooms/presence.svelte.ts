import { SvelteSet } from 'svelte/reactivity';
import type { Op, Seen } from '../live/frames';

const MOST = 1000;
const GATHER_MS = 150;

/** Who is here, of those that somebody looks at: friends, and the members of the room that is open. */
export class PresenceWatch {
  readonly #here = new SvelteSet<string>();
  readonly #wanted = new Map<string, string[]>();
  readonly #ask: (op: Op) => Promise<{ accounts: Seen[] }>;
  #told = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ask: (op: Op) => Promise<{ accounts: Seen[] }>) {
    this.#ask = ask;
  }

  isHere(id: string): boolean {
    return this.#here.has(id);
  }

  /** Looks at these accounts for somebody named `who`, in place of those before. */
  want(who: string, ids: string[]): void {
    this.#wanted.set(who, ids);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#tell(), GATHER_MS);
  }

  /** A new connection knows nothing of it. */
  renew(): void {
    this.#told = '';
    void this.#tell();
  }

  saw({ account_id, online }: Seen): void {
    if (online) this.#here.add(account_id);
    else this.#here.delete(account_id);
  }

  forget(): void {
    clearTimeout(this.#timer);
    this.#here.clear();
    this.#wanted.clear();
    this.#told = '';
  }

  async #tell(): Promise<void> {
    const accounts = [...new Set([...this.#wanted.values()].flat())].slice(0, MOST);
    const told = accounts.join();
    if (told === this.#told) return;
    this.#told = told;
    try {
      const answer = await this.#ask({ op: 'presence', accounts });
      const here = new Set(answer.accounts.filter(({ online }) => online).map((seen) => seen.account_id));
      for (const id of [...this.#here]) if (!here.has(id)) this.#here.delete(id);
      for (const id of here) this.#here.add(id);
    } catch {
      this.#told = '';
    }
  }
}
