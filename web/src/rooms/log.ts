import type { Link, Message, Person, RoomEvent } from '../api/types';

export interface Reaction {
  emoji: string;
  count: number;
  isMine: boolean;
  /** Who reacted, as far as it is known. */
  names: string[];
}

/** A message as it stands. */
export interface Said {
  kind: 'said';
  /** The same from the moment it is typed until the room is left: a row on the screen stays the same row. */
  key: string;
  id: string;
  seq: number;
  account: Person;
  /** Null when it was deleted. */
  body: string | null;
  at: string;
  isEdited: boolean;
  replyTo: string | null;
  mentions: string[];
  links: Link[];
  reactions: Reaction[];
}

/** Something else that happened: somebody joined, the room has another name. */
export interface Happened {
  kind: 'happened';
  key: string;
  seq: number;
  at: string;
  event: RoomEvent;
}

export type Row = Said | Happened;

const CHANGES = ['edit', 'delete', 'reaction'];
const HAPPENINGS = ['join', 'leave', 'kick', 'rename', 'role', 'mute', 'settings'];

/** A message after one more event of the log. */
export function changed(said: Said, event: RoomEvent, me: string): Said {
  if (event.kind === 'delete')
    return { ...said, body: null, mentions: [], links: [], reactions: [], isEdited: false };
  if (said.body === null || event.deleted) return said;
  if (event.kind === 'edit') {
    const { mentions = [], links = [] } = event;
    return { ...said, body: event.body ?? said.body, mentions, links, isEdited: true };
  }
  if (event.kind === 'reaction') return { ...said, reactions: reacted(said.reactions, event, me) };
  return said;
}

function reacted(reactions: Reaction[], { body, account, removed }: RoomEvent, me: string): Reaction[] {
  if (!body || !account) return reactions;
  const isMine = account.id === me;
  const name = account.username;
  const at = reactions.findIndex(({ emoji }) => emoji === body);
  const one = reactions[at];
  if (!one) return removed ? reactions : [...reactions, { emoji: body, count: 1, isMine, names: [name] }];
  const others = one.names.filter((known) => known !== name);
  const next: Reaction = {
    emoji: body,
    count: one.count + (removed ? -1 : 1),
    isMine: isMine ? !removed : one.isMine,
    names: removed ? others : [...others, name],
  };
  return next.count <= 0 ? reactions.toSpliced(at, 1) : reactions.toSpliced(at, 1, next);
}

/** The message that an event says. */
export function saidBy(event: RoomEvent, me: string): Said | null {
  if (event.kind !== 'message' || !event.message_id || !event.account) return null;
  const isOwn = event.account.id === me && event.client_msg_id;
  return {
    kind: 'said',
    key: isOwn ? `own-${event.client_msg_id}` : event.message_id,
    id: event.message_id,
    seq: event.seq,
    account: event.account,
    body: event.deleted ? null : event.body,
    at: event.at,
    isEdited: false,
    replyTo: event.reply_to ?? null,
    mentions: event.mentions ?? [],
    links: event.links ?? [],
    reactions: [],
  };
}

/** A message as the house tells it outside of the log. */
export function saidAs(message: Message): Said {
  return {
    kind: 'said',
    key: message.id,
    id: message.id,
    seq: message.seq,
    account: message.account,
    body: message.deleted_at ? null : message.body,
    at: message.created_at,
    isEdited: message.edited_at !== null,
    replyTo: message.reply_to,
    mentions: message.mentions,
    links: message.links,
    reactions: message.reactions.map(({ emoji, count, mine }) => ({ emoji, count, isMine: mine, names: [] })),
  };
}

/**
 * The end of a room's log, read backwards as far as somebody scrolled, and what it comes to. It always reaches from
 * `from` to `to` without a gap, so each message in it is as it stands now: every later change is known.
 */
export class RoomLog {
  rows: Row[] = [];
  from: number;
  to: number;
  readonly epoch: string;
  readonly #me: string;
  /** Changes of messages that stand before `from`, by message, in the order of the log. */
  readonly #early = new Map<string, RoomEvent[]>();
  readonly #at = new Map<string, number>();
  /** Keys in `#at` are places counted from the first row that was ever there. */
  #first = 0;

  constructor(me: string, { seq, epoch }: { seq: number; epoch: string }) {
    [this.#me, this.epoch, this.from, this.to] = [me, epoch, seq + 1, seq];
  }

  find(messageId: string): Said | undefined {
    const row = this.rows[this.placeOf(messageId)];
    return row?.kind === 'said' ? row : undefined;
  }

  /** The place of a message among the rows; -1 when it is not there. */
  placeOf(messageId: string): number {
    const at = this.#at.get(messageId);
    return at === undefined ? -1 : at - this.#first;
  }

  /** Puts the events before `from` in front: ascending, up to `from - 1`. */
  prepend(events: RoomEvent[]): void {
    const before = events.filter(({ seq }) => seq < this.from);
    const rows: Row[] = [];
    const places = new Map<string, number>();
    const unknown = new Map<string, RoomEvent[]>();
    for (const event of before) {
      const row = this.#rowOf(event);
      if (row) {
        if (row.kind === 'said') places.set(row.id, rows.length);
        rows.push(row);
      } else if (event.message_id && CHANGES.includes(event.kind)) {
        const at = places.get(event.message_id);
        const said = at === undefined ? undefined : rows[at];
        if (at !== undefined && said?.kind === 'said') rows[at] = changed(said, event, this.#me);
        else unknown.set(event.message_id, [...(unknown.get(event.message_id) ?? []), event]);
      }
    }
    for (const [id, at] of places) {
      const said = rows[at];
      if (said?.kind !== 'said') continue;
      const later = this.#early.get(id) ?? [];
      rows[at] = later.reduce((one, event) => changed(one, event, this.#me), said);
      this.#early.delete(id);
    }
    for (const [id, changes] of unknown) this.#early.set(id, [...changes, ...(this.#early.get(id) ?? [])]);
    this.#first -= rows.length;
    for (const [id, at] of places) this.#at.set(id, this.#first + at);
    this.rows = [...rows, ...this.rows];
    this.from = before[0]?.seq ?? this.from;
  }

  /** Takes the next event of the log. `false` when it is not the next one: it was there, or some are missing. */
  append(event: RoomEvent): boolean {
    if (event.seq !== this.to + 1) return false;
    this.to = event.seq;
    const row = this.#rowOf(event);
    if (row) {
      if (row.kind === 'said') this.#at.set(row.id, this.#first + this.rows.length);
      this.rows = [...this.rows, row];
    } else this.change(event);
    return true;
  }

  /** Changes the message that an event is about, here or when it is read. */
  change(event: RoomEvent): void {
    const id = event.message_id;
    if (!id || !CHANGES.includes(event.kind)) return;
    const place = this.placeOf(id);
    const said = this.rows[place];
    if (said?.kind === 'said') this.rows = this.rows.with(place, changed(said, event, this.#me));
    else this.#early.set(id, [...(this.#early.get(id) ?? []), event]);
  }

  #rowOf(event: RoomEvent): Row | null {
    if (event.kind === 'message') return saidBy(event, this.#me);
    if (!HAPPENINGS.includes(event.kind)) return null;
    return { kind: 'happened', key: `seq-${event.seq}`, seq: event.seq, at: event.at, event };
  }
}
