import { describe, expect, it } from 'vitest';
import { afterEvent, afterMark, byLatest, newer, totals } from './counts';
import { ANNA, anEvent, aRoom, BEN } from './events.fixture';

const ME = BEN.id;

describe('what is unread', () => {
  it('grows with each event, and with each time one is named', () => {
    const room = [anEvent(11), anEvent(12, { mentions: [ME] })].reduce(
      (one, event) => afterEvent(one, event, ME),
      aRoom(),
    );
    expect(room).toMatchObject({ last_seq: 12, unread: 4, mentions: 1 });
  });

  it('is nothing after one’s own message', () => {
    const room = afterEvent(aRoom({ mentions: 3 }), anEvent(11, { account: BEN }), ME);
    expect(room).toMatchObject({ read_seq: 11, unread: 0, mentions: 0 });
  });

  it('counts no event twice', () => {
    const room = aRoom();
    expect(afterEvent(room, anEvent(10, { mentions: [ME] }), ME)).toBe(room);
  });

  it('shrinks with a mark, which never goes back', () => {
    const room = afterMark(aRoom({ mentions: 2 }), { room_id: 'room', read_seq: 9, unread: 1, mentions: 1 });
    expect(room).toMatchObject({ read_seq: 9, unread: 1, mentions: 1 });
    expect(afterMark(room, { room_id: 'room', read_seq: 4, unread: 6, mentions: 2 })).toBe(room);
    const late = afterEvent(room, anEvent(11), ME);
    expect(afterMark(late, { room_id: 'room', read_seq: 10, unread: 0, mentions: 0 }).unread).toBe(1);
  });

  it('follows what the house tells, unless more is known already', () => {
    const known = aRoom({ last_seq: 14, unread: 6, last_event_at: 'later' });
    expect(newer(known, aRoom({ name: 'New name' }))).toMatchObject({
      name: 'New name',
      last_seq: 14,
      unread: 6,
    });
    expect(newer(known, aRoom({ epoch: 'other', last_seq: 3 })).last_seq).toBe(3);
  });

  it('adds up for the badges', () => {
    const rooms = [aRoom({ mentions: 2 }), aRoom({ unread: 0 }), aRoom({ mentions: 1 })];
    expect(totals(rooms)).toEqual({ unreadRooms: 2, mentions: 3 });
  });
});

describe('a room', () => {
  it('changes with its log', () => {
    const events = [
      anEvent(11, { kind: 'rename', body: 'Balcony' }),
      anEvent(12, { kind: 'join', body: null }),
      anEvent(13, { kind: 'join', body: null }),
      anEvent(14, { kind: 'kick', by: ANNA }),
      anEvent(15, { kind: 'role', account: BEN, by: ANNA, role: 'moderator' }),
      anEvent(16, { kind: 'mute', account: BEN, by: ANNA, muted_until: '2026-03-06T00:00:00Z' }),
      anEvent(17, { kind: 'settings', by: ANNA, slow_mode_seconds: 30, retention_days: 7 }),
    ];
    const room = events.reduce((one, event) => afterEvent(one, event, ME), aRoom());
    expect(room).toMatchObject({
      name: 'Balcony',
      members_count: 4,
      role: 'moderator',
      muted_until: '2026-03-06T00:00:00Z',
      slow_mode_seconds: 30,
      retention_days: 7,
    });
  });

  it('stands first when something happened in it', () => {
    const rooms = [aRoom({ id: 'a' }), aRoom({ id: 'b', last_event_at: '2026-03-06T00:00:00Z' })];
    expect(byLatest(rooms).map(({ id }) => id)).toEqual(['b', 'a']);
  });
});
