import { describe, expect, it, vi } from 'vitest';
import { ApiProblem, networkProblem } from '../api/problem';
import type { RoomEvent } from '../api/types';
import { ANNA, anEvent } from './events.fixture';
import { Outbox, type Waiting } from './outbox';

interface Sent {
  waiting: Waiting;
  careful: boolean;
  ok: (event: RoomEvent) => void;
  fail: (thrown: unknown) => void;
}

function store() {
  const map = new Map<string, string>();
  return {
    getItem: (name: string) => map.get(name) ?? null,
    setItem: (name: string, value: string) => void map.set(name, value),
    removeItem: (name: string) => void map.delete(name),
  };
}

function scene(kept = store()) {
  const sent: Sent[] = [];
  const slept: number[] = [];
  const naps: (() => void)[] = [];
  let ids = 0;
  const onsent = vi.fn();
  const outbox = new Outbox(ANNA, {
    send: (waiting, careful) => new Promise((ok, fail) => sent.push({ waiting, careful, ok, fail })),
    onsent,
    onchange: () => undefined,
    newId: () => `c${(ids += 1)}`,
    now: () => 0,
    store: kept,
    sleep: (ms) => {
      slept.push(ms);
      return new Promise((done) => naps.push(done));
    },
  });
  return { outbox, sent, slept, naps, onsent, kept };
}

const settle = () => new Promise((done) => setTimeout(done, 0));
const arrival = (id: string, seq = 1) => anEvent(seq, { client_msg_id: id });

describe('the outbox', () => {
  it('shows a message at once, and until the log shows it', async () => {
    const { outbox, sent, onsent } = scene();
    outbox.add('room', 'hello', null);
    expect(outbox.of('room')).toMatchObject([{ body: 'hello', state: 'sending', key: 'own-c1' }]);
    sent[0]?.ok(arrival('c1'));
    await settle();
    expect(onsent).toHaveBeenCalledOnce();
    expect(outbox.of('room')).toMatchObject([{ state: 'sent' }]);
    outbox.arrived(arrival('c1'));
    expect(outbox.list).toEqual([]);
  });

  it('sends again under the same id, as soon as the line is back', async () => {
    const { outbox, sent, slept } = scene();
    outbox.add('room', 'hello', 'm7');
    sent[0]?.fail(networkProblem());
    await settle();
    expect(slept).toEqual([300]);
    outbox.wake();
    await settle();
    expect(sent.map(({ waiting }) => [waiting.clientMsgId, waiting.replyTo])).toEqual([
      ['c1', 'm7'],
      ['c1', 'm7'],
    ]);
  });

  it('keeps the order of a room, and lets other rooms go on', async () => {
    const { outbox, sent } = scene();
    outbox.add('room', 'one', null);
    outbox.add('room', 'two', null);
    outbox.add('other', 'three', null);
    expect(sent.map(({ waiting }) => waiting.body)).toEqual(['one', 'three']);
    sent[0]?.fail(networkProblem());
    await settle();
    outbox.wake();
    await settle();
    expect(sent.at(-1)?.waiting.body).toBe('one');
    sent.at(-1)?.ok(arrival('c1'));
    await settle();
    expect(sent.at(-1)?.waiting.body).toBe('two');
  });

  it('waits as long as the house asks for', async () => {
    const { outbox, sent, slept, naps } = scene();
    outbox.add('room', 'slowly', null);
    sent[0]?.fail(new ApiProblem(429, { code: 'slow_mode' }));
    await settle();
    expect(sent.map(({ careful }) => careful)).toEqual([false, true]);
    sent[1]?.fail(new ApiProblem(429, { code: 'slow_mode', detail: 'Write again in 4 seconds.' }, 4));
    await settle();
    expect(slept).toEqual([4000]);
    expect(outbox.list[0]?.problem?.message).toBe('Write again in 4 seconds.');
    outbox.wake();
    await settle();
    expect(sent).toHaveLength(2);
    naps[0]?.();
    await settle();
    expect(sent).toHaveLength(3);
  });

  it('says what the house refused, lets the next go, and tries again under the same id when told to', async () => {
    const { outbox, sent } = scene();
    outbox.add('room', 'one', null);
    outbox.add('room', 'two', null);
    sent[0]?.fail(new ApiProblem(403, { code: 'muted', detail: 'You are muted.' }));
    await settle();
    expect(outbox.list[0]).toMatchObject({ state: 'failed', problem: { message: 'You are muted.' } });
    expect(sent.at(-1)?.waiting.body).toBe('two');
    sent.at(-1)?.ok(arrival('c2'));
    await settle();
    outbox.retry('c1');
    expect(sent.at(-1)?.waiting.clientMsgId).toBe('c1');
  });

  it('forgets what is discarded', async () => {
    const { outbox, sent } = scene();
    outbox.add('room', 'one', null);
    outbox.drop('c1');
    sent[0]?.fail(networkProblem());
    await settle();
    expect(sent).toHaveLength(1);
    expect(outbox.list).toEqual([]);
  });

  it('goes on after the page was loaded anew, under the same id', async () => {
    const kept = store();
    const first = scene(kept);
    first.outbox.add('room', 'on its way', null);
    first.outbox.stop();
    const second = scene(kept);
    expect(second.sent.map(({ waiting }) => waiting.clientMsgId)).toEqual(['c1']);
    second.sent[0]?.ok(arrival('c1'));
    await settle();
    expect(scene(kept).outbox.list).toEqual([]);
  });

  it('reads nothing that is not its own', () => {
    const kept = store();
    kept.setItem('playhouse.outbox.anna', '[{"kind":"waiting"},7,null]');
    expect(scene(kept).outbox.list).toEqual([]);
    kept.setItem('playhouse.outbox.anna', 'no json');
    expect(scene(kept).outbox.list).toEqual([]);
  });
});
