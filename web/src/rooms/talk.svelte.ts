import { api, call } from '../api/client';
import { asProblem, type ApiProblem } from '../api/problem';
import type { RoomEvent } from '../api/types';
import type { Standing } from '../live/listening';
import { Around } from './around.svelte';
import { RoomLog, type Row, type Said } from './log';

const FIRST_PAGE = 100;
const PAGE = 200;
/** What is not much further back than this is read on the way; what is, is looked at by itself. */
const NEAR = 1000;

export interface Hooks {
  me: string;
  /** The history is known up to here: all after it is wanted as it happens. */
  onstanding: (room: string, standing: Standing) => void;
  /** Messages that stand in the log. */
  onread: (events: RoomEvent[]) => void;
}

/** What is said in one room: the end of its log, kept true by what happens, and what was read further back. */
export class Talk {
  readonly room: string;
  rows: Row[] = $state.raw([]);
  state: 'new' | 'loading' | 'ready' | 'failed' = $state('new');
  problem: ApiProblem | null = $state.raw(null);
  hasEarlier = $state(false);
  isReading = $state(false);
  /** A place far back that somebody looks at. */
  around: Around | null = $state.raw(null);
  /** What stands after this event was new when the room was opened. */
  newAfter: number | null = $state(null);
  readonly #hooks: Hooks;
  #log: RoomLog | null = null;
  #arrivals: RoomEvent[] = [];

  constructor(room: string, hooks: Hooks) {
    [this.room, this.#hooks] = [room, hooks];
  }

  /** The last event that is shown; 0 before anything is. */
  get lastSeq(): number {
    return this.#log?.to ?? 0;
  }

  get firstSeq(): number {
    return this.#log?.from ?? 0;
  }

  start(): void {
    if (this.state === 'new' || this.state === 'failed') void this.load();
  }

  /** Reads the end of the log, showing what was there before until it comes. */
  async load(): Promise<void> {
    if (this.state === 'loading') return;
    this.state = 'loading';
    this.problem = null;
    this.#arrivals = [];
    try {
      const history = await this.#fetch({ limit: FIRST_PAGE });
      const standing = { seq: history.last_seq, epoch: history.epoch };
      const log = new RoomLog(this.#hooks.me, standing);
      log.prepend(history.items);
      for (const event of this.#arrivals) log.append(event);
      this.#log = log;
      this.hasEarlier = history.next_cursor !== null;
      this.rows = log.rows;
      this.state = 'ready';
      this.#hooks.onread([...history.items, ...this.#arrivals]);
      this.#hooks.onstanding(this.room, standing);
    } catch (thrown) {
      this.problem = asProblem(thrown);
      this.state = 'failed';
    }
  }

  /** Something happened. Returns whether the log shows it now. */
  receive(event: RoomEvent): boolean {
    if (this.state === 'loading') this.#arrivals.push(event);
    if (this.around) this.around.change(event);
    const log = this.#log;
    if (!log || event.seq <= log.to) return log !== null;
    const isNext = log.append(event);
    if (isNext) this.rows = log.rows;
    else if (this.state === 'ready') void this.load();
    return isNext;
  }

  /** What was seen does not count any more. */
  startOver(): void {
    if (this.state === 'ready') void this.load();
  }

  /** Reads on towards the beginning. */
  async readEarlier(): Promise<void> {
    const log = this.#log;
    if (!log || this.isReading || !this.hasEarlier || this.state !== 'ready') return;
    this.isReading = true;
    this.problem = null;
    try {
      const history = await this.#fetch({ before_seq: log.from, limit: PAGE });
      if (this.#log !== log) return;
      log.prepend(history.items);
      this.hasEarlier = history.next_cursor !== null && history.items.length > 0;
      this.rows = log.rows;
    } catch (thrown) {
      this.problem = asProblem(thrown);
    } finally {
      this.isReading = false;
    }
  }

  /** Brings a message into view: reads as far as it takes, or looks at its place by itself. Answers its row's key. */
  async bring(id: string, seq: number): Promise<string | null> {
    for (let pages = 0; pages * PAGE <= NEAR; pages += 1) {
      const said = this.find(id);
      if (said) return said.key;
      if (!this.hasEarlier || this.firstSeq <= seq || this.firstSeq - seq > NEAR) break;
      await this.readEarlier();
      if (this.problem) return null;
    }
    const around = new Around(this.room, this.#hooks.me);
    await around.open(seq);
    this.around = around;
    return around.keyOf(id);
  }

  backToNow(): void {
    this.around = null;
  }

  /** A message that is here; others have to be asked for. */
  find(id: string): Said | undefined {
    return this.#log?.find(id) ?? this.around?.find(id);
  }

  #fetch(query: { before_seq?: number; limit: number }) {
    return call(api.GET('/api/v1/rooms/{id}/events', { params: { path: { id: this.room }, query } }));
  }
}
