import type { ReadMark, Room, RoomEvent } from '../api/types';
import { live } from '../app/live.svelte';
import { afterEvent, afterMark, byLatest, newer, totals } from './counts';

/** The rooms of the account, with what is unread in each. */
export class Rooms {
  /** Those where something happened last first; `null` until they are known. */
  list: Room[] | null = $state.raw(null);

  get(id: string): Room | undefined {
    return this.list?.find((room) => room.id === id);
  }

  /** All of them, as the house tells them. Answers those that are gone. */
  renew(rooms: Room[]): string[] {
    const before = this.list ?? [];
    this.#show(rooms.map((room) => newer(this.get(room.id), room)));
    return before.filter(({ id }) => !rooms.some((room) => room.id === id)).map(({ id }) => id);
  }

  put(room: Room): void {
    const others = (this.list ?? []).filter(({ id }) => id !== room.id);
    this.#show([...others, newer(this.get(room.id), room)]);
  }

  drop(id: string): void {
    this.#show((this.list ?? []).filter((room) => room.id !== id));
  }

  happened(event: RoomEvent, me: string): void {
    this.#change(event.room_id, (room) => afterEvent(room, event, me));
  }

  marked(mark: ReadMark): void {
    this.#change(mark.room_id, (room) => afterMark(room, mark));
  }

  /** The log is another one, or too much was missed: what is unread is counted from here. */
  startOver(id: string, seq: number, epoch: string): void {
    this.#change(id, (room) => {
      const unread = Math.max(0, seq - room.read_seq);
      return { ...room, epoch, last_seq: seq, unread };
    });
  }

  forget(): void {
    this.list = null;
    [live.unreadRooms, live.mentions] = [0, 0];
  }

  #change(id: string, change: (room: Room) => Room): void {
    const room = this.get(id);
    if (room && this.list) this.#show(this.list.map((one) => (one === room ? change(room) : one)));
  }

  #show(rooms: Room[]): void {
    this.list = byLatest(rooms);
    const { unreadRooms, mentions } = totals(rooms);
    [live.unreadRooms, live.mentions] = [unreadRooms, mentions];
  }
}
