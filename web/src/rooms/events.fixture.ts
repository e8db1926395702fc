import type { Room, RoomEvent } from '../api/types';

export const ANNA = { id: 'anna', username: 'anna' };
export const BEN = { id: 'ben', username: 'ben' };
const START = Date.parse('2026-03-05T18:00:00Z');

export function anEvent(seq: number, more: Partial<RoomEvent> = {}): RoomEvent {
  const at = new Date(START + seq * 1000).toISOString();
  const base = {
    room_id: 'room',
    seq,
    kind: 'message',
    message_id: `m${seq}`,
    account: ANNA,
    body: `text ${seq}`,
    at,
  };
  return { ...base, ...more } as RoomEvent;
}

export function aRoom(more: Partial<Room> = {}): Room {
  return {
    id: 'room',
    name: 'Foyer',
    kind: 'group',
    first_seq: 1,
    last_seq: 10,
    read_seq: 8,
    unread: 2,
    mentions: 0,
    epoch: 'e',
    members_count: 3,
    role: 'member',
    muted_until: null,
    slow_mode_seconds: 0,
    retention_days: null,
    created_at: '2026-03-01T00:00:00Z',
    last_event_at: '2026-03-05T18:00:10Z',
    last_message: null,
    ...more,
  };
}
