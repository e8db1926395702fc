import { api, call } from '../api/client';
import { asProblem, type ApiProblem } from '../api/problem';
import type { Entry } from '../api/types';
import { isFolder } from './entries';

const PAGE_SIZE = 200;

/** One folder of a tree whose branches are read when they are opened. */
export class Branch {
  readonly entry: Entry;
  readonly depth: number;
  readonly parent: Branch | null;
  isOpen = $state(false);
  isLoading = $state(false);
  problem: ApiProblem | null = $state.raw(null);
  children: Branch[] | null = $state.raw(null);

  constructor(entry: Entry, parent: Branch | null) {
    this.entry = entry;
    this.parent = parent;
    this.depth = parent ? parent.depth + 1 : 0;
  }

  async open(): Promise<void> {
    this.isOpen = true;
    if (this.children || this.isLoading) return;
    this.isLoading = true;
    this.problem = null;
    try {
      const folders = await foldersIn(this.entry.id);
      this.children = folders.map((entry) => new Branch(entry, this));
    } catch (thrown) {
      this.problem = asProblem(thrown);
      this.isOpen = false;
    } finally {
      this.isLoading = false;
    }
  }

  close(): void {
    this.isOpen = false;
  }

  async renew(): Promise<void> {
    this.children = null;
    await this.open();
  }

  /** This folder and what is open below it, from top to bottom. */
  rows(): Branch[] {
    const below = this.isOpen ? (this.children ?? []).flatMap((child) => child.rows()) : [];
    return [this, ...below];
  }
}

/** In the order by name folders come first, so reading stops at the first file. */
async function foldersIn(folder: string): Promise<Entry[]> {
  const found: Entry[] = [];
  let cursor: string | undefined;
  for (;;) {
    const query = { parent_id: folder, limit: PAGE_SIZE, cursor };
    const page = await call(api.GET('/api/v1/drive/entries', { params: { query } }));
    found.push(...page.items.filter(isFolder));
    if (!page.next_cursor || !page.items.every(isFolder)) return found;
    cursor = page.next_cursor;
  }
}
