import type { KeyStore } from '../api/idempotent';

/** What was typed and not sent, in each room: it is there again after a look elsewhere, and after a reload. */
export interface Draft {
  body: string;
  replyTo: string | null;
}

const STORE = 'playhouse.drafts';
const MOST = 100;
const EMPTY: Draft = { body: '', replyTo: null };

type Kept = [room: string, draft: Draft][];

export class Drafts {
  readonly #store: KeyStore | null;
  readonly #name: string;

  constructor(account: string, store: KeyStore | null = storage()) {
    this.#store = store;
    this.#name = `${STORE}.${account}`;
  }

  get(room: string): Draft {
    return this.#read().find(([id]) => id === room)?.[1] ?? EMPTY;
  }

  has(room: string): boolean {
    return this.get(room).body.trim() !== '';
  }

  /** Keeps a draft; an empty one is forgotten, and so is the oldest of very many. */
  put(room: string, draft: Draft): void {
    const others = this.#read().filter(([id]) => id !== room);
    const isEmpty = draft.body === '' && draft.replyTo === null;
    this.#write(isEmpty ? others : [...others, [room, draft] satisfies [string, Draft]].slice(-MOST));
  }

  #read(): Kept {
    try {
      const kept: unknown = JSON.parse(this.#store?.getItem(this.#name) ?? '[]');
      return Array.isArray(kept) ? kept.filter(isKept) : [];
    } catch {
      return [];
    }
  }

  #write(kept: Kept): void {
    try {
      if (kept.length === 0) this.#store?.removeItem(this.#name);
      else this.#store?.setItem(this.#name, JSON.stringify(kept));
    } catch {
      // Full or forbidden: the draft lasts as long as the page.
    }
  }
}

function isKept(value: unknown): value is Kept[number] {
  if (!Array.isArray(value) || typeof value[0] !== 'string') return false;
  const draft = value[1] as Partial<Draft> | null;
  return typeof draft?.body === 'string' && (draft.replyTo === null || typeof draft.replyTo === 'string');
}

export function storage(kind: 'localStorage' | 'sessionStorage' = 'localStorage'): KeyStore | null {
  try {
    return globalThis[kind];
  } catch {
    return null;
  }
}
