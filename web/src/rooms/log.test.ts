import { describe, expect, it } from 'vitest';
import type { RoomEvent } from '../api/types';
import { ANNA, anEvent, BEN } from './events.fixture';
import { RoomLog, type Said } from './log';
import { processorTime } from '../testing/processor';

const ME = BEN.id;

function logOf(events: RoomEvent[], pages: number[]): RoomLog {
  const log = new RoomLog(ME, { seq: events.length, epoch: 'e' });
  let end = events.length;
  for (const size of pages) {
    log.prepend(events.slice(Math.max(0, end - size), end));
    end = Math.max(0, end - size);
  }
  return log;
}

const HISTORY: RoomEvent[] = [
  anEvent(1, { kind: 'join', message_id: null, body: null }),
  anEvent(2),
  anEvent(3, { account: BEN }),
  anEvent(4, { kind: 'reaction', message_id: 'm2', body: '👍', account: BEN }),
  anEvent(5, { kind: 'edit', message_id: 'm2', body: 'changed' }),
  anEvent(6, { kind: 'reaction', message_id: 'm2', body: '👍', account: ANNA }),
  anEvent(7, { kind: 'delete', message_id: 'm3', account: BEN }),
  anEvent(8, { kind: 'reaction', message_id: 'm2', body: '👍', account: BEN, removed: true }),
  anEvent(9, { kind: 'edit', message_id: 'm2', body: 'changed again' }),
  anEvent(10),
];

describe('the log of a room', () => {
  it.each([[[10]], [[1, 2, 3, 4]], [[3, 3, 3, 1]], [Array(10).fill(1)]])(
    'comes to the same in pages of %j',
    (pages: number[]) => {
      const { rows, from, to } = logOf(HISTORY, pages);
      expect([from, to]).toEqual([1, 10]);
      expect(rows.map(({ seq }) => seq)).toEqual([1, 2, 3, 10]);
      expect(rows[1]).toMatchObject({
        body: 'changed again',
        isEdited: true,
        reactions: [{ emoji: '👍', count: 1, isMine: false, names: ['anna'] }],
      });
      expect(rows[2]).toMatchObject({ body: null, reactions: [] });
    },
  );

  it('takes what happens, each event once', () => {
    const log = logOf(HISTORY, [2]);
    expect(log.append(anEvent(10))).toBe(false);
    expect(log.append(anEvent(12))).toBe(false);
    expect(log.append(anEvent(11))).toBe(true);
    expect(log.append(anEvent(12, { kind: 'reaction', message_id: 'm11', body: '🎉', account: BEN }))).toBe(
      true,
    );
    expect(log.find('m11')?.reactions).toEqual([{ emoji: '🎉', count: 1, isMine: true, names: ['ben'] }]);
    expect(log.to).toBe(12);
  });

  it('keeps a change of a message that is not read yet', () => {
    const log = logOf(HISTORY, [1]);
    log.append(anEvent(11, { kind: 'delete', message_id: 'm2' }));
    expect(log.rows.map(({ seq }) => seq)).toEqual([10]);
    log.prepend(HISTORY.slice(0, 9));
    expect(log.find('m2')?.body).toBeNull();
  });

  it('counts kinds that it does not know', () => {
    const log = logOf([], []);
    expect(log.append(anEvent(1, { kind: 'parade' as RoomEvent['kind'] }))).toBe(true);
    expect(log.append(anEvent(2))).toBe(true);
    expect(log.rows).toHaveLength(1);
  });

  it('knows one’s own message by the id under which it was sent', () => {
    const log = logOf([], []);
    log.append(anEvent(1, { account: BEN, client_msg_id: 'c1' }));
    log.append(anEvent(2, { account: ANNA, client_msg_id: 'c2' }));
    expect(log.rows.map(({ key }) => key)).toEqual(['own-c1', 'm2']);
  });

  it('never brings a deleted text back', () => {
    const log = logOf([], []);
    log.append(anEvent(1));
    log.append(anEvent(2, { kind: 'delete', message_id: 'm1' }));
    log.append(anEvent(3, { kind: 'edit', message_id: 'm1', body: 'late' }));
    log.append(anEvent(4, { kind: 'reaction', message_id: 'm1', body: '👍' }));
    expect(log.rows[0]).toMatchObject({ body: null, reactions: [] });
  });

  it('reads a hundred thousand messages in pages, and finds each', () => {
    const all = Array.from({ length: 100_000 }, (_, index) => anEvent(index + 1));
    const began = processorTime();
    const log = logOf(all, Array(500).fill(200));
    for (let seq = 100_001; seq <= 100_200; seq += 1) log.append(anEvent(seq));
    expect(processorTime() - began).toBeLessThan(5000);
    expect(log.rows).toHaveLength(100_200);
    for (const seq of [1, 777, 50_000, 100_000, 100_200]) {
      expect(log.find(`m${seq}`)?.seq).toBe(seq);
      expect((log.rows[log.placeOf(`m${seq}`)] as Said).id).toBe(`m${seq}`);
    }
  });
});
