import type { KeyStore } from '../api/idempotent';

/** An upload that has begun: enough to go on with it after a reload, once the same file is chosen again. */
export interface KeptUpload {
  /** Names the file and its target: see {@link fingerprint}. */
  print: string;
  account: string;
  url: string;
  /** Where it shall be in the drive; the name of a film's file. */
  path: string;
  size: number;
  modified: number;
  rule: 'fail' | 'replace' | 'rename';
}

/** Where each kind is kept: files of the drive, and films. */
const STORES = { drive: 'playhouse.uploads', films: 'playhouse.films' };
const MOST = 500;

/** The same for the same file at the same target: its name, size, time and path. */
export function fingerprint(path: string, file: Pick<File, 'name' | 'size' | 'lastModified'>): string {
  return JSON.stringify([path, file.name, file.size, file.lastModified]);
}

/** The addresses of open uploads, in `localStorage`. When that is not to be had, a reload begins anew. */
export class KeptUploads {
  readonly #name: string;
  readonly #store: KeyStore | null;

  constructor(kind: keyof typeof STORES, store: KeyStore | null = storage()) {
    this.#name = STORES[kind];
    this.#store = store;
  }

  list(account: string): KeptUpload[] {
    return this.#read().filter((kept) => kept.account === account);
  }

  put(upload: KeptUpload): void {
    this.#write([...this.#read().filter((kept) => !isSame(kept, upload)), upload].slice(-MOST));
  }

  drop(account: string, print: string): void {
    const before = this.#read();
    const after = before.filter((kept) => !isSame(kept, { account, print }));
    if (after.length !== before.length) this.#write(after);
  }

  #read(): KeptUpload[] {
    try {
      const kept: unknown = JSON.parse(this.#store?.getItem(this.#name) ?? '[]');
      return Array.isArray(kept) ? kept.filter(isKept) : [];
    } catch {
      return [];
    }
  }

  #write(list: KeptUpload[]): void {
    try {
      this.#store?.setItem(this.#name, JSON.stringify(list));
    } catch {
      // Full or forbidden: the upload goes on all the same.
    }
  }
}

/** The open uploads of whoever is signed in; nobody has none. */
export class OwnUploads {
  readonly #kept: KeptUploads;
  readonly #account: () => string | undefined;

  constructor({ kept, account }: { kept: KeptUploads; account: () => string | undefined }) {
    this.#kept = kept;
    this.#account = account;
  }

  list(): KeptUpload[] {
    const account = this.#account();
    return account ? this.#kept.list(account) : [];
  }

  find(print: string): KeptUpload | undefined {
    return this.list().find((kept) => kept.print === print);
  }

  put(upload: Omit<KeptUpload, 'account'>): void {
    const account = this.#account();
    if (account) this.#kept.put({ ...upload, account });
  }

  drop(print: string): void {
    const account = this.#account();
    if (account) this.#kept.drop(account, print);
  }
}

function isSame(a: Pick<KeptUpload, 'account' | 'print'>, b: Pick<KeptUpload, 'account' | 'print'>): boolean {
  return a.account === b.account && a.print === b.print;
}

/** An address of anywhere else is never asked: only paths of this house count. */
function isKept(value: unknown): value is KeptUpload {
  const kept = value as Partial<KeptUpload> | null;
  return (
    typeof kept === 'object' &&
    kept !== null &&
    typeof kept.print === 'string' &&
    typeof kept.account === 'string' &&
    typeof kept.path === 'string' &&
    typeof kept.size === 'number' &&
    typeof kept.url === 'string' &&
    kept.url.startsWith('/api/v1/uploads/')
  );
}

function storage(): KeyStore | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
