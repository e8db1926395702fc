import { asProblem } from '../api/problem';
import type { RoomEvent } from '../api/types';
import type { Op, Subscribed } from './frames';

/** How far a room's log is known: everything up to `seq` of the log called `epoch`. */
export interface Standing {
  seq: number;
  epoch: string;
}

export interface Hooks {
  ask: (op: Op, patient: boolean) => Promise<Subscribed>;
  /** Each event of a room once, in the order of `seq`, without a gap. */
  onevent: (event: RoomEvent) => void;
  /** What was known of this room does not count any more; all after `seq` follows. */
  onstartover: (room: string, standing: Standing) => void;
  /** The room is not there any more for this account. */
  onlost?: (room: string) => void;
}

const AGAIN_MS = 2000;

/** The rooms that are listened to, and where each stands: over as many connections as it takes, nothing is missed. */
export class Listening {
  readonly #hooks: Hooks;
  readonly #rooms = new Map<string, Standing>();
  /** Rooms whose subscription is on its way, with what names it: a later one counts, an earlier one does not. */
  readonly #asking = new Map<string, symbol>();
  readonly #heard = new Set<string>();
  #isLive = false;

  constructor(hooks: Hooks) {
    this.#hooks = hooks;
  }

  standing(room: string): Standing | undefined {
    return this.#rooms.get(room);
  }

  /** Whether all that happens in the room arrives now. */
  hears(room: string): boolean {
    return this.#isLive && this.#heard.has(room);
  }

  /** Listens to a room from where it is known. One that is listened to already stays as it stands. */
  listen(room: string, from: Standing): void {
    if (this.#rooms.has(room)) return;
    this.#rooms.set(room, from);
    if (this.#isLive) void this.#subscribe(room);
  }

  forget(room: string): void {
    this.#rooms.delete(room);
    this.#heard.delete(room);
    this.#asking.delete(room);
  }

  /** A connection stands: listens again to every room, the first of them first. */
  renew(first: string[] = []): void {
    this.#isLive = true;
    this.#heard.clear();
    const rest = [...this.#rooms.keys()].filter((room) => !first.includes(room));
    for (const room of [...first, ...rest]) if (this.#rooms.has(room)) void this.#subscribe(room);
  }

  /** The connection broke. */
  pause(): void {
    this.#isLive = false;
    this.#asking.clear();
    this.#heard.clear();
  }

  /** Takes an event that was pushed. */
  take(event: RoomEvent): void {
    const standing = this.#rooms.get(event.room_id);
    if (!standing || event.seq <= standing.seq) return;
    if (event.seq > standing.seq + 1) {
      // This cannot be, unless something between us and the house lost a frame: ask for what is missing.
      if (!this.#asking.has(event.room_id)) void this.#subscribe(event.room_id);
      return;
    }
    this.#rooms.set(event.room_id, { ...standing, seq: event.seq });
    this.#hooks.onevent(event);
  }

  async #subscribe(room: string): Promise<void> {
    const from = this.#rooms.get(room);
    if (!from) return;
    const name = Symbol(room);
    this.#asking.set(room, name);
    const op: Op = { op: 'subscribe', room, after_seq: from.seq, epoch: from.epoch };
    try {
      const answer = await this.#hooks.ask(op, true);
      if (this.#asking.get(room) !== name) return;
      this.#asking.delete(room);
      this.#answered(room, answer);
    } catch (thrown) {
      if (this.#asking.get(room) !== name) return;
      this.#asking.delete(room);
      const problem = asProblem(thrown);
      if (problem.status === 404) {
        this.forget(room);
        this.#hooks.onlost?.(room);
      } else if (this.#isLive) {
        setTimeout(() => {
          if (this.#isLive && !this.#asking.has(room) && !this.#heard.has(room)) void this.#subscribe(room);
        }, AGAIN_MS);
      }
    }
  }

  #answered(room: string, { recovered, events = [], seq, epoch }: Subscribed): void {
    this.#heard.add(room);
    if (recovered) {
      for (const event of events) this.take(event);
      return;
    }
    this.#rooms.set(room, { seq, epoch });
    this.#hooks.onstartover(room, { seq, epoch });
  }
}
