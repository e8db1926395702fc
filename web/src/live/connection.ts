import { ApiProblem, networkProblem } from '../api/problem';
import { Allowance, Backoff } from './backoff';
import { mayReturn, readFrame, type Answer, type Op, type Push } from './frames';

/** What we use of a `WebSocket`. */
export interface Socket {
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  readonly readyState: number;
  send(text: string): void;
  close(): void;
}

/** `waiting`: it broke and comes back by itself. `ended`: the house said not to come back. */
export type Status = 'off' | 'connecting' | 'live' | 'waiting' | 'ended';

export interface Hooks {
  open: () => Socket;
  onpush: (push: Push) => void;
  /** `retryAt` is when the next try begins, while waiting. */
  onstatus: (status: Status, retryAt?: number) => void;
  /** A try that did not even begin: perhaps nobody is signed in any more. */
  onrefused?: () => void;
  onended?: (code: number) => void;
  chance?: () => number;
}

interface Asked {
  text: string;
  done: (value: unknown) => void;
  failed: (problem: ApiProblem) => void;
}

const PROTOCOL = 1;
const OPEN = 1;
const ANSWER_MS = 15_000;
const QUIET_MS = 30_000;
const PING_MS = 10_000;
/** A little below what the house allows: 100 at once, 20 a second. */
const BURST = 80;
const PER_SECOND = 16;

/**
 * One live connection that comes back by itself. It remembers nothing of what it said: after each `hello`, who uses it
 * says again what matters. A request that was not answered when the connection broke fails with `network`.
 */
export class Connection {
  status: Status = 'off';
  readonly #hooks: Hooks;
  readonly #backoff: Backoff;
  #allowance = new Allowance(BURST, PER_SECOND);
  #socket: Socket | null = null;
  #asked = new Map<number, Asked>();
  #urgent: number[] = [];
  #patient: number[] = [];
  #next = 1;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #quiet: ReturnType<typeof setTimeout> | undefined;
  #pause: ReturnType<typeof setTimeout> | undefined;

  constructor(hooks: Hooks) {
    this.#hooks = hooks;
    this.#backoff = new Backoff(hooks.chance);
  }

  start(): void {
    if (this.status === 'off' || this.status === 'ended') this.#connect();
  }

  stop(): void {
    clearTimeout(this.#retry);
    this.#letGo();
    this.#become('off');
  }

  /** The line is back, or somebody looks again: connects at once, or finds out whether the connection still holds. */
  hurry(): void {
    if (this.status === 'waiting') this.#connect();
    else if (this.status === 'live') void this.#ping();
  }

  /** Asks, and waits for the answer. What is `patient` lets others go first. */
  ask<Ok = unknown>(op: Op, patient = false): Promise<Ok> {
    if (this.status !== 'live') return Promise.reject(networkProblem());
    const id = this.#next++;
    return new Promise<Ok>((resolve, failed) => {
      const done = (value: unknown) => resolve(value as Ok);
      this.#asked.set(id, { text: JSON.stringify({ id, ...op }), done, failed });
      (patient ? this.#patient : this.#urgent).push(id);
      this.#flush();
    });
  }

  #become(status: Status, retryAt?: number): void {
    this.status = status;
    this.#hooks.onstatus(status, retryAt);
  }

  #connect(): void {
    clearTimeout(this.#retry);
    this.#letGo();
    this.#become('connecting');
    const socket = this.#hooks.open();
    this.#socket = socket;
    this.#watch(ANSWER_MS, () => this.#broke(1006));
    socket.onmessage = ({ data }) => {
      if (this.#socket === socket && typeof data === 'string') this.#heard(data);
    };
    socket.onclose = ({ code }) => {
      if (this.#socket === socket) this.#broke(code);
    };
  }

  #heard(text: string): void {
    if (this.status === 'live') this.#watch(QUIET_MS, () => void this.#ping());
    for (const said of readFrame(text)) {
      if ('re' in said) this.#answered(said);
      else this.#pushed(said);
    }
  }

  #pushed(push: Push): void {
    if (push.ev === 'hello') {
      if (push.protocol !== PROTOCOL) return;
      this.#backoff.reset();
      this.#allowance = new Allowance(BURST, PER_SECOND);
      this.#become('live');
      this.#watch(QUIET_MS, () => void this.#ping());
    }
    this.#hooks.onpush(push);
  }

  #answered({ re, ok, error }: Answer): void {
    const asked = re === null ? undefined : this.#asked.get(re);
    if (!asked || re === null) return;
    this.#asked.delete(re);
    if (error) asked.failed(new ApiProblem(error.status ?? 500, error));
    else asked.done(ok);
  }

  /** The browser answers the pings of the house by itself, but does not tell us of them: we ask on our own. */
  async #ping(): Promise<void> {
    const socket = this.#socket;
    this.#watch(PING_MS, () => this.#broke(1006));
    await this.ask({ op: 'ping' }).catch(() => undefined);
    if (this.#socket === socket && this.status === 'live') this.#watch(QUIET_MS, () => void this.#ping());
  }

  #flush(): void {
    clearTimeout(this.#pause);
    while (this.status === 'live' && this.#urgent.length + this.#patient.length > 0) {
      const wait = this.#allowance.take();
      if (wait > 0) {
        this.#pause = setTimeout(() => this.#flush(), wait);
        return;
      }
      const id = this.#urgent.shift() ?? this.#patient.shift();
      const asked = id === undefined ? undefined : this.#asked.get(id);
      // On one that is closing, what is asked fails with it.
      if (asked && this.#socket?.readyState === OPEN) this.#socket.send(asked.text);
    }
  }

  #broke(code: number): void {
    const wasLive = this.status === 'live';
    this.#letGo();
    if (!mayReturn(code)) {
      this.#become('ended');
      this.#hooks.onended?.(code);
      return;
    }
    const wait = this.#backoff.next();
    this.#become('waiting', Date.now() + wait);
    this.#retry = setTimeout(() => this.#connect(), wait);
    if (!wasLive) this.#hooks.onrefused?.();
  }

  #letGo(): void {
    const socket = this.#socket;
    const asked = [...this.#asked.values()];
    clearTimeout(this.#quiet);
    clearTimeout(this.#pause);
    [this.#socket, this.#asked, this.#urgent, this.#patient] = [null, new Map(), [], []];
    if (this.status === 'live') this.status = 'connecting';
    socket?.close();
    for (const { failed } of asked) failed(networkProblem());
  }

  /** What happens when nothing is heard for a while. */
  #watch(ms: number, then: () => void): void {
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(then, ms);
  }
}
