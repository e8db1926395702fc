import type { ReadMark, Room, RoomEvent } from '../api/types';
import { lastAfter } from './last';

/** A room after one more event of its log, as the reader sees it. */
export function afterEvent(room: Room, event: RoomEvent, me: string): Room {
  if (event.seq <= room.last_seq) return room;
  const last_message = lastAfter(room.last_message, event);
  const next = { ...room, last_message, last_seq: event.seq, last_event_at: event.at };
  const isOwn = (event.by ?? event.account)?.id === me;
  // Who says something has read what stands before it. The house counts so too.
  if (event.kind === 'message' && isOwn) return { ...next, read_seq: event.seq, unread: 0, mentions: 0 };
  next.unread = event.seq - next.read_seq;
  if (event.kind === 'message' && event.mentions?.includes(me)) next.mentions += 1;
  if (event.kind === 'rename' && event.body) next.name = event.body;
  if (event.kind === 'join') next.members_count += 1;
  if (event.kind === 'leave' || event.kind === 'kick') next.members_count -= 1;
  if (event.kind === 'role' && event.account?.id === me && event.role) next.role = event.role;
  if (event.kind === 'mute' && event.account?.id === me) next.muted_until = event.muted_until ?? null;
  if (event.kind === 'settings') {
    next.slow_mode_seconds = event.slow_mode_seconds ?? 0;
    next.retention_days = event.retention_days ?? null;
  }
  return next;
}

/** A room after the reader has read up to a mark, here or on another screen. Marks never go back. */
export function afterMark(room: Room, mark: ReadMark): Room {
  if (mark.read_seq < room.read_seq) return room;
  const unread = Math.max(0, room.last_seq - mark.read_seq);
  return { ...room, read_seq: mark.read_seq, unread, mentions: unread === 0 ? 0 : mark.mentions };
}

/** The room as the house tells it, unless what is known here is later. */
export function newer(known: Room | undefined, told: Room): Room {
  if (!known || known.epoch !== told.epoch || told.last_seq >= known.last_seq) return told;
  const unread = known.last_seq - Math.max(known.read_seq, told.read_seq);
  const { last_seq, last_event_at, last_message } = known;
  return { ...told, last_seq, last_event_at, last_message, unread };
}

/** Those where something happened last stand first. */
export function byLatest(rooms: Iterable<Room>): Room[] {
  return [...rooms].sort(
    (a, b) => b.last_event_at.localeCompare(a.last_event_at) || a.id.localeCompare(b.id),
  );
}

/** What the badges of the whole client say. */
export function totals(rooms: Iterable<Room>): { unreadRooms: number; mentions: number } {
  let [unreadRooms, mentions] = [0, 0];
  for (const room of rooms) {
    if (room.unread > 0) unreadRooms += 1;
    mentions += room.mentions;
  }
  return { unreadRooms, mentions };
}
