import { api, call } from '../api/client';
import type { Message, RoomEvent } from '../api/types';
import { changed, saidAs, type Said } from './log';

const PAGE = 50;

/** A place far back in a room, read by itself: messages as they stand, both ways from one of them. */
export class Around {
  rows: Said[] = $state.raw([]);
  hasEarlier = $state(false);
  hasLater = $state(false);
  isReading = $state(false);
  readonly #room: string;
  readonly #me: string;

  constructor(room: string, me: string) {
    [this.#room, this.#me] = [room, me];
  }

  async open(seq: number): Promise<void> {
    const [before, after] = await Promise.all([
      this.#fetch({ before_seq: seq + 1 }),
      this.#fetch({ after_seq: seq }),
    ]);
    this.rows = [...before.items, ...after.items].map(saidAs);
    this.hasEarlier = before.next_cursor !== null;
    this.hasLater = after.next_cursor !== null;
  }

  find(id: string): Said | undefined {
    return this.rows.find((said) => said.id === id);
  }

  keyOf(id: string): string | null {
    return this.find(id)?.key ?? null;
  }

  change(event: RoomEvent): void {
    const at = this.rows.findIndex(({ id }) => id === event.message_id);
    const said = this.rows[at];
    if (said && event.seq > said.seq) this.rows = this.rows.with(at, changed(said, event, this.#me));
  }

  async readEarlier(): Promise<void> {
    const [first] = this.rows;
    if (!first || !this.hasEarlier) return;
    await this.#read(async () => {
      const page = await this.#fetch({ before_seq: first.seq });
      this.rows = [...page.items.map(saidAs), ...this.rows];
      this.hasEarlier = page.next_cursor !== null;
    });
  }

  async readLater(): Promise<void> {
    const last = this.rows.at(-1);
    if (!last || !this.hasLater) return;
    await this.#read(async () => {
      const page = await this.#fetch({ after_seq: last.seq });
      this.rows = [...this.rows, ...page.items.map(saidAs)];
      this.hasLater = page.next_cursor !== null;
    });
  }

  async #read(read: () => Promise<void>): Promise<void> {
    if (this.isReading) return;
    this.isReading = true;
    await read().catch(() => undefined);
    this.isReading = false;
  }

  #fetch(query: {
    before_seq?: number;
    after_seq?: number;
  }): Promise<{ items: Message[]; next_cursor: string | null }> {
    const params = { path: { id: this.#room }, query: { ...query, limit: PAGE } };
    return call(api.GET('/api/v1/rooms/{id}/messages', { params }));
  }
}
