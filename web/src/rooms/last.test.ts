import { describe, expect, it } from 'vitest';
import type { LastMessage, RoomEvent } from '../api/types';
import { afterEvent, newer } from './counts';
import { ANNA, anEvent, aRoom, BEN } from './events.fixture';
import { inOneLine, lastAfter } from './last';

const after = (...events: RoomEvent[]) =>
  events.reduce<LastMessage | null | undefined>((last, event) => lastAfter(last, event), null);

describe('what was said last', () => {
  it('is the latest message, by whoever said it', () => {
    expect(after(anEvent(11), anEvent(12, { account: BEN, body: 'Good evening.' }))).toEqual({
      message_id: 'm12',
      seq: 12,
      kind: 'message',
      author: BEN,
      text: 'Good evening.',
      created_at: anEvent(12).at,
    });
  });

  it('follows its edits and its end', () => {
    const edit = anEvent(12, { kind: 'edit', message_id: 'm11', body: 'Better words' });
    expect(after(anEvent(11), edit)).toMatchObject({ kind: 'edit', text: 'Better words', seq: 11 });
    const end = anEvent(13, { kind: 'delete', message_id: 'm11', body: null });
    expect(after(anEvent(11), edit, end, edit)).toMatchObject({ kind: 'delete', text: null });
  });

  it('is not changed by what happens to older ones, nor by who comes and goes', () => {
    const last = after(anEvent(11));
    const others = [
      anEvent(12, { kind: 'edit', message_id: 'm3', body: 'other' }),
      anEvent(13, { kind: 'delete', message_id: 'm3', body: null }),
      anEvent(14, { kind: 'reaction', message_id: 'm11', body: '👍' }),
      anEvent(15, { kind: 'join', message_id: null, body: null }),
    ];
    for (const event of others) expect(lastAfter(last, event)).toBe(last);
  });

  it('is a beginning only, and cuts no character in two', () => {
    const long = after(anEvent(11, { body: '🎬'.repeat(300) }))?.text ?? '';
    expect([...long].length).toBe(200);
    expect(long).toBe('🎬'.repeat(200));
    expect(inOneLine(' a\n\n b\tc ')).toBe('a b c');
  });

  it('moves with the room, and stays the later one when the house tells an older one', () => {
    const room = afterEvent(aRoom({ last_message: null }), anEvent(11), BEN.id);
    expect(room.last_message?.text).toBe('text 11');
    expect(newer(room, aRoom({ last_message: null })).last_message?.author).toEqual(ANNA);
    expect(newer(room, aRoom({ last_seq: 12, last_message: null })).last_message).toBeNull();
  });
});
