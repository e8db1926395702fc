import { asProblem, type ApiProblem } from '../api/problem';
import type { KeyStore } from '../api/idempotent';
import type { Person, RoomEvent } from '../api/types';

/** A message on its way. It stands in the room as if it were there, until it is, or until the house refuses it. */
export interface Waiting {
  kind: 'waiting';
  key: string;
  room: string;
  clientMsgId: string;
  account: Person;
  body: string;
  replyTo: string | null;
  at: string;
  /** `sent`: the house has it; the row stays until the log shows it. */
  state: 'sending' | 'sent' | 'failed';
  /** What the house said against it. */
  problem: ApiProblem | null;
}

export interface Parts {
  /** Sends once. `careful` after the house asked for patience: an answer must say how long to wait. */
  send: (waiting: Waiting, careful: boolean) => Promise<RoomEvent>;
  /** The house has a message. When the log shows it, {@link Outbox.arrived} is called. */
  onsent: (event: RoomEvent) => void;
  onchange: () => void;
  newId: () => string;
  now: () => number;
  /** Where what waits outlives a reload. */
  store: KeyStore | null;
  sleep?: (ms: number) => Promise<void>;
}

const STORE = 'playhouse.outbox';
const PAUSES_MS = [300, 1000, 3000, 8000, 15_000];

/**
 * Messages that are sent and not yet answered. Each keeps its `client_msg_id` over every try, so it is there once
 * however often the connection broke; one at a time in each room, so they stand in the order in which they were written.
 */
export class Outbox {
  list: readonly Waiting[] = [];
  readonly #parts: Parts;
  readonly #account: Person;
  readonly #running = new Set<string>();
  #wake: () => void = () => undefined;
  #woken: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(account: Person, parts: Parts) {
    [this.#account, this.#parts] = [account, parts];
    this.#rearm();
    this.list = this.#read();
    for (const { room } of this.list) void this.#run(room);
  }

  of(room: string): Waiting[] {
    return this.list.filter((waiting) => waiting.room === room);
  }

  add(room: string, body: string, replyTo: string | null): Waiting {
    const clientMsgId = this.#parts.newId();
    const waiting: Waiting = {
      kind: 'waiting',
      key: `own-${clientMsgId}`,
      room,
      clientMsgId,
      account: this.#account,
      body,
      replyTo,
      at: new Date(this.#parts.now()).toISOString(),
      state: 'sending',
      problem: null,
    };
    this.#change([...this.list, waiting]);
    void this.#run(room);
    return waiting;
  }

  /** Sends a refused message again, under the same id. */
  retry(clientMsgId: string): void {
    const found = this.list.find((waiting) => waiting.clientMsgId === clientMsgId);
    if (!found || found.state !== 'failed') return;
    this.#replace(clientMsgId, { state: 'sending', problem: null });
    void this.#run(found.room);
  }

  drop(clientMsgId: string): void {
    this.#change(this.list.filter((waiting) => waiting.clientMsgId !== clientMsgId));
  }

  /** Its event has come by another way. */
  arrived(event: RoomEvent): void {
    const isOwn = event.kind === 'message' && event.account?.id === this.#account.id && event.client_msg_id;
    if (isOwn && this.list.some(({ clientMsgId }) => clientMsgId === isOwn)) this.drop(isOwn);
  }

  /** The log of a room is read anew, and shows what was sent before. */
  renewed(room: string): void {
    this.#change(this.list.filter((one) => one.room !== room || one.state !== 'sent'));
  }

  /** The connection is back: nobody waits any longer than needed. */
  wake(): void {
    const wake = this.#wake;
    this.#rearm();
    wake();
  }

  stop(): void {
    this.#isStopped = true;
    this.wake();
  }

  async #run(room: string): Promise<void> {
    if (this.#running.has(room)) return;
    this.#running.add(room);
    for (let next = this.#head(room); next && !this.#isStopped; next = this.#head(room)) {
      await this.#bring(next);
    }
    this.#running.delete(room);
  }

  #head(room: string): Waiting | undefined {
    return this.list.find((waiting) => waiting.room === room && waiting.state === 'sending');
  }

  /** Sends one message as often as it takes: until it is there, refused, or dropped. */
  async #bring(waiting: Waiting): Promise<void> {
    let careful = false;
    for (let tries = 0; this.#isWaiting(waiting) && !this.#isStopped; tries += 1) {
      try {
        const event = await this.#parts.send(waiting, careful);
        this.#replace(waiting.clientMsgId, { state: 'sent', problem: null });
        this.#parts.onsent(event);
        return;
      } catch (thrown) {
        const problem = asProblem(thrown);
        if (!problem.isPassing) return this.#replace(waiting.clientMsgId, { state: 'failed', problem });
        const isFirstWarning = problem.status === 429 && !careful;
        careful = problem.status === 429;
        if (isFirstWarning && problem.retryAfter === undefined) continue;
        this.#replace(waiting.clientMsgId, { problem });
        await this.#rest(problem, tries);
      }
    }
  }

  #isWaiting({ clientMsgId }: Waiting): boolean {
    return this.list.some((one) => one.clientMsgId === clientMsgId && one.state === 'sending');
  }

  /** As long as the house asks for; a broken line is tried again as soon as it is back. */
  async #rest(problem: ApiProblem, tries: number): Promise<void> {
    const pause = PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)] ?? 0;
    const wait = problem.retryAfter === undefined ? pause : problem.retryAfter * 1000;
    const slept = (this.#parts.sleep ?? sleep)(wait);
    await (problem.retryAfter === undefined ? Promise.race([slept, this.#woken]) : slept);
  }

  #rearm(): void {
    this.#woken = new Promise((done) => (this.#wake = done));
  }

  #replace(clientMsgId: string, changes: Partial<Waiting>): void {
    this.#change(this.list.map((one) => (one.clientMsgId === clientMsgId ? { ...one, ...changes } : one)));
  }

  #change(list: readonly Waiting[]): void {
    this.list = list;
    this.#write();
    this.#parts.onchange();
  }

  #read(): Waiting[] {
    try {
      const kept: unknown = JSON.parse(this.#parts.store?.getItem(this.#name) ?? '[]');
      if (!Array.isArray(kept)) return [];
      return kept.filter(isKept).map((one) => ({ ...one, account: this.#account, problem: null }));
    } catch {
      return [];
    }
  }

  #write(): void {
    try {
      const open = this.list
        .filter(({ state }) => state !== 'sent')
        .map((one) => ({ ...one, problem: null }));
      if (open.length === 0) this.#parts.store?.removeItem(this.#name);
      else this.#parts.store?.setItem(this.#name, JSON.stringify(open));
    } catch {
      // Full or forbidden: it is sent all the same while the page is there.
    }
  }

  get #name(): string {
    return `${STORE}.${this.#account.id}`;
  }
}

function isKept(value: unknown): value is Waiting {
  const kept = value as Partial<Waiting> | null;
  return (
    typeof kept === 'object' &&
    kept !== null &&
    kept.kind === 'waiting' &&
    [kept.key, kept.room, kept.clientMsgId, kept.body, kept.at].every((text) => typeof text === 'string') &&
    (kept.replyTo === null || typeof kept.replyTo === 'string') &&
    (kept.state === 'sending' || kept.state === 'failed')
  );
}

function sleep(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
