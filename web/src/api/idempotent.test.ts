import { describe, expect, it } from 'vitest';
import { once, type KeyStore } from './idempotent';
import { ApiProblem, networkProblem } from './problem';

class Memory implements KeyStore {
  readonly kept = new Map<string, string>();
  getItem = (name: string) => this.kept.get(name) ?? null;
  setItem = (name: string, value: string) => void this.kept.set(name, value);
  removeItem = (name: string) => void this.kept.delete(name);
}

/** Sends that answer in turn as told, and remembers the keys they were given. */
function script(...outcomes: (Error | string)[]) {
  const keys: string[] = [];
  const send = async (key: string) => {
    keys.push(key);
    const outcome = outcomes[keys.length - 1];
    if (outcome === undefined) throw new Error('sent too often');
    if (outcome instanceof Error) throw outcome;
    return outcome;
  };
  return { keys, send };
}

const noPause = () => Promise.resolve();
const refused = (status: number, code: string) => new ApiProblem(status, { code, title: code });

describe('something that must happen once', () => {
  it('keeps its key over the retries of one press', async () => {
    const store = new Memory();
    const { keys, send } = script(networkProblem(), refused(503, 'busy'), 'done');
    expect(await once('order:1', send, store, noPause)).toBe('done');
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(store.kept.size).toBe(0);
  });

  it('keeps its key for the next press when the outcome is unknown', async () => {
    const store = new Memory();
    const first = script(networkProblem(), networkProblem(), networkProblem());
    await expect(once('order:1', first.send, store, noPause)).rejects.toMatchObject({ code: 'network' });
    const second = script('done');
    await once('order:1', second.send, store, noPause);
    expect(second.keys).toEqual([first.keys[0]]);
  });

  it('takes a new key after a definite no', async () => {
    const store = new Memory();
    const poor = script(refused(402, 'insufficient_balance'));
    await expect(once('order:1', poor.send, store, noPause)).rejects.toMatchObject({ status: 402 });
    expect(poor.keys).toHaveLength(1);
    const rich = script('done');
    await once('order:1', rich.send, store, noPause);
    expect(rich.keys[0]).not.toBe(poor.keys[0]);
  });

  it('does not press on when told to slow down, but keeps the key', async () => {
    const store = new Memory();
    const { keys, send } = script(refused(429, 'too_many_requests'));
    await expect(once('order:1', send, store, noPause)).rejects.toMatchObject({ status: 429 });
    expect(keys).toHaveLength(1);
    expect([...store.kept.values()]).toEqual(keys);
  });

  it('gives different things different keys', async () => {
    const store = new Memory();
    const [one, two] = [script('a'), script('b')];
    await once('order:1', one.send, store, noPause);
    await once('vip:month', two.send, store, noPause);
    expect(one.keys[0]).not.toBe(two.keys[0]);
    expect(one.keys[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
  });
});
