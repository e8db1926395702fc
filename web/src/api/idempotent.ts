import { ApiProblem, asProblem } from './problem';

/** Where a key outlives a reload: `sessionStorage`, or a map in tests. */
export interface KeyStore {
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
  removeItem(name: string): void;
}

const PAUSES_MS = [400, 1200];

/**
 * Sends something that must happen once (an order). The `Idempotency-Key` is kept while the outcome is unknown: over
 * the short automatic retries, over the reader's own second press, over a reload. A definite answer, yes or no, ends it.
 *
 * `what` names the thing that is done, e.g. `order:MOVIE`; another thing gets another key.
 */
export async function once<Result>(
  what: string,
  send: (key: string) => Promise<Result>,
  store: KeyStore = sessionStorage,
  sleep: (ms: number) => Promise<void> = pause,
): Promise<Result> {
  const name = `playhouse.once.${what}`;
  const key = store.getItem(name) ?? crypto.randomUUID();
  store.setItem(name, key);
  for (let attempt = 0; ; attempt += 1) {
    try {
      const result = await send(key);
      store.removeItem(name);
      return result;
    } catch (thrown) {
      const problem = asProblem(thrown);
      if (!problem.isPassing) {
        store.removeItem(name);
        throw problem;
      }
      const wait = PAUSES_MS[attempt];
      if (wait === undefined || !worthRepeating(problem)) throw problem;
      await sleep(wait);
    }
  }
}

/** Told to slow down, we stop and say so; a lost connection or a restarting server is tried again at once. */
function worthRepeating(problem: ApiProblem): boolean {
  return problem.status === 0 || problem.status === 502 || problem.status === 503;
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
