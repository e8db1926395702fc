import { describe, expect, it, vi } from 'vitest';
import type { RoomEvent } from '../api/types';
import { networkProblem, ApiProblem } from '../api/problem';
import type { Op, Subscribed } from './frames';
import { Listening } from './listening';

const event = (seq: number, room_id = 'r') => ({ room_id, seq, kind: 'message' }) as RoomEvent;

function scene() {
  const asked: { op: Op; answer: (value: Subscribed) => void; fail: (thrown: unknown) => void }[] = [];
  const seen: number[] = [];
  const startover = vi.fn();
  const lost = vi.fn();
  const listening = new Listening({
    ask: (op) => new Promise((answer, fail) => asked.push({ op, answer, fail })),
    onevent: ({ seq }) => seen.push(seq),
    onstartover: startover,
    onlost: lost,
  });
  return { asked, seen, startover, lost, listening };
}

const settle = () => new Promise((done) => setTimeout(done, 0));

describe('listening', () => {
  it('goes on where a room stood, each event once and in order', async () => {
    const { asked, seen, listening } = scene();
    listening.listen('r', { seq: 5, epoch: 'e' });
    listening.renew();
    expect(asked[0]?.op).toEqual({ op: 'subscribe', room: 'r', after_seq: 5, epoch: 'e' });
    asked[0]?.answer({ recovered: true, events: [event(6), event(7)], seq: 7, epoch: 'e' });
    await settle();
    listening.take(event(7));
    listening.take(event(8));
    expect(seen).toEqual([6, 7, 8]);
    listening.pause();
    listening.renew();
    expect(asked[1]?.op).toMatchObject({ after_seq: 8 });
    asked[1]?.answer({ recovered: true, seq: 8, epoch: 'e' });
    await settle();
    expect(seen).toEqual([6, 7, 8]);
    expect(listening.hears('r')).toBe(true);
  });

  it('starts over when told to, and goes on from there', async () => {
    const { asked, seen, startover, listening } = scene();
    listening.listen('r', { seq: 5, epoch: 'old' });
    listening.renew();
    asked[0]?.answer({ recovered: false, seq: 900, epoch: 'new' });
    await settle();
    expect(startover).toHaveBeenCalledWith('r', { seq: 900, epoch: 'new' });
    listening.take(event(901));
    expect(seen).toEqual([901]);
    expect(listening.standing('r')).toEqual({ seq: 901, epoch: 'new' });
  });

  it('asks for what is missing rather than leave a gap', async () => {
    const { asked, seen, listening } = scene();
    listening.listen('r', { seq: 1, epoch: 'e' });
    listening.renew();
    asked[0]?.answer({ recovered: true, seq: 1, epoch: 'e' });
    await settle();
    listening.take(event(4));
    expect(seen).toEqual([]);
    asked[1]?.answer({ recovered: true, events: [event(2), event(3), event(4)], seq: 4, epoch: 'e' });
    await settle();
    expect(seen).toEqual([2, 3, 4]);
  });

  it('lets a room go that is not there any more', async () => {
    const { asked, lost, listening } = scene();
    listening.listen('r', { seq: 1, epoch: 'e' });
    listening.renew();
    asked[0]?.fail(new ApiProblem(404, { code: 'no_such_room', title: 'No such room' }));
    await settle();
    expect(lost).toHaveBeenCalledWith('r');
    expect(listening.standing('r')).toBeUndefined();
  });

  it('takes no answer of a connection that is gone', async () => {
    const { asked, seen, listening } = scene();
    listening.listen('r', { seq: 1, epoch: 'e' });
    listening.renew();
    listening.pause();
    asked[0]?.answer({ recovered: true, events: [event(2)], seq: 2, epoch: 'e' });
    await settle();
    expect(seen).toEqual([]);
  });

  it('tries again after a passing refusal', async () => {
    vi.useFakeTimers();
    const { asked, listening } = scene();
    listening.listen('r', { seq: 1, epoch: 'e' });
    listening.renew();
    asked[0]?.fail(new ApiProblem(429, { code: 'too_many_requests' }));
    await vi.advanceTimersByTimeAsync(2000);
    expect(asked).toHaveLength(2);
    asked[1]?.fail(networkProblem());
    listening.pause();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked).toHaveLength(2);
    vi.useRealTimers();
  });

  it('asks for the room on the screen first', () => {
    const { asked, listening } = scene();
    for (const room of ['a', 'b', 'c']) listening.listen(room, { seq: 0, epoch: 'e' });
    listening.renew(['c', 'gone']);
    expect(asked.map(({ op }) => 'room' in op && op.room)).toEqual(['c', 'a', 'b']);
  });
});
