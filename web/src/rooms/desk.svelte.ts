import { api, call } from '../api/client';
import { asProblem } from '../api/problem';
import type { Room } from '../api/types';
import { session } from '../app/session.svelte';
import { toasts } from '../app/toasts.svelte';
import { tRooms } from '../i18n/rooms';
import type { ChatHouse } from './house.svelte';
import type { Row, Said } from './log';
import { standsAbove, type Members } from './members.svelte';
import type { Waiting } from './outbox';
import type { Talk } from './talk.svelte';

/** What a reader does in the room that is open: answers, edits, reacts. The pieces of its page share it. */
export class Desk {
  readonly house: ChatHouse;
  readonly talk: Talk;
  readonly members: Members;
  readonly roomId: string;
  /** The message that is being answered, and the one that is being changed. */
  replyTo: Said | null = $state.raw(null);
  editing: Said | null = $state.raw(null);
  /** The row that the keyboard stands on. */
  active: string | null = $state(null);
  /** A row that was looked for, for as long as it is marked. */
  found: string | null = $state(null);
  /** The message that is about to be deleted. */
  deleting: Said | null = $state.raw(null);
  #marked: ReturnType<typeof setTimeout> | undefined;

  constructor(house: ChatHouse, roomId: string) {
    [this.house, this.roomId] = [house, roomId];
    this.talk = house.talk(roomId);
    this.members = house.members(roomId);
  }

  get room(): Room | undefined {
    return this.house.rooms.get(this.roomId);
  }

  get isAdmin(): boolean {
    return session.me?.role === 'admin';
  }

  /** What the list shows: the log, or a place far back, and what is on its way. */
  get rows(): (Row | Waiting)[] {
    if (this.talk.around) return this.talk.around.rows;
    const waiting = this.house.waiting.filter(({ room }) => room === this.roomId);
    // In private nobody joins and nobody leaves: who the two are is in the name.
    const isPrivate = this.room?.kind === 'private';
    const rows = isPrivate ? this.talk.rows.filter(({ kind }) => kind === 'said') : this.talk.rows;
    if (waiting.length === 0) return rows;
    const known = new Set(rows.slice(-500).map(({ key }) => key));
    return [...rows, ...waiting.filter(({ key }) => !known.has(key))];
  }

  isOwn(said: Said): boolean {
    return said.account.id === this.house.me.id;
  }

  /** One's own messages, and those of members below; the house has the last word. */
  mayDelete(said: Said): boolean {
    if (this.isOwn(said)) return true;
    if (!this.room || this.room.kind === 'private') return false;
    const theirs = this.members.find(said.account.id)?.role ?? 'member';
    return standsAbove(this.room.role, theirs, this.isAdmin);
  }

  reply(said: Said): void {
    [this.replyTo, this.editing] = [said, null];
  }

  edit(said: Said): void {
    [this.editing, this.replyTo] = [said, null];
  }

  /** The last message of one's own that can still be changed. */
  editLast(): void {
    const last = this.talk.rows.findLast(
      (row) => row.kind === 'said' && this.isOwn(row) && row.body !== null,
    );
    if (last?.kind === 'said') this.edit(last);
  }

  /** The first message after an event, wherever it stands. */
  async firstAfter(seq: number): Promise<{ id: string; seq: number } | undefined> {
    const params = { path: { id: this.roomId }, query: { after_seq: seq, limit: 1 } };
    const page = await call(api.GET('/api/v1/rooms/{id}/messages', { params })).catch(() => null);
    return page?.items[0];
  }

  send(body: string): void {
    this.house.outbox.add(this.roomId, body, this.replyTo?.id ?? null);
    this.house.saying.sent();
    this.talk.backToNow();
    this.talk.newAfter = null;
    this.replyTo = null;
  }

  async save(said: Said, body: string): Promise<boolean> {
    return this.#try(async () => {
      const params = { path: { id: this.roomId, message_id: said.id } };
      await call(api.PATCH('/api/v1/rooms/{id}/messages/{message_id}', { params, body: { body } }));
      this.editing = null;
    });
  }

  async remove(said: Said): Promise<void> {
    await this.#try(() => {
      const params = { path: { id: this.roomId, message_id: said.id } };
      return call(api.DELETE('/api/v1/rooms/{id}/messages/{message_id}', { params }));
    });
  }

  /** Puts an emoji to a message, or takes one's own back. Everybody sees it when the house tells of it. */
  async react(said: Said, emoji: string): Promise<void> {
    const isMine = said.reactions.some((one) => one.emoji === emoji && one.isMine);
    const params = { path: { id: this.roomId, message_id: said.id, emoji } };
    const path = '/api/v1/rooms/{id}/messages/{message_id}/reactions/{emoji}';
    await this.#try(() => call(isMine ? api.DELETE(path, { params }) : api.PUT(path, { params })));
  }

  async copy(said: Said): Promise<void> {
    await navigator.clipboard.writeText(said.body ?? '').then(
      () => toasts.show(tRooms.message.copied, 'good'),
      () => undefined,
    );
  }

  /** Marks a row for a moment. */
  mark(key: string): void {
    clearTimeout(this.#marked);
    this.found = key;
    this.active = key;
    this.#marked = setTimeout(() => (this.found = null), 2500);
  }

  async #try(act: () => Promise<unknown>): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (thrown) {
      toasts.show(asProblem(thrown).message, 'bad');
      return false;
    }
  }
}
