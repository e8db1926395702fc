import type { Room, RoomEvent } from '../api/types';

/** What is told outside of the page: nothing, what is meant for the reader, or every message. */
export const WISHES = ['off', 'mine', 'all'] as const;
export type Wish = (typeof WISHES)[number];

const STORE = 'playhouse.notify';

export interface Moment {
  wish: Wish;
  me: string;
  /** Whether the reader looks at this room at this moment. */
  isSeen: boolean;
}

/** Whether an event is worth a notification of the desktop. */
export function isWorthTelling(event: RoomEvent, room: Room, { wish, me, isSeen }: Moment): boolean {
  if (wish === 'off' || isSeen || event.kind !== 'message' || event.deleted || !event.body) return false;
  if (!event.account || event.account.id === me || event.seq <= room.read_seq) return false;
  return wish === 'all' || room.kind === 'private' || (event.mentions ?? []).includes(me);
}

export function readWish(store: Pick<Storage, 'getItem'> | null): Wish {
  const kept = store?.getItem(STORE);
  return WISHES.find((wish) => wish === kept) ?? 'off';
}

export function keepWish(store: Pick<Storage, 'setItem'> | null, wish: Wish): void {
  try {
    store?.setItem(STORE, wish);
  } catch {
    // Storage may be forbidden: the choice then lasts as long as the page.
  }
}
