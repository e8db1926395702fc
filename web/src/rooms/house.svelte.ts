import { api, call } from '../api/client';
import { networkProblem } from '../api/problem';
import type { Me, Person, ReadMark, Room, RoomEvent } from '../api/types';
import { live } from '../app/live.svelte';
import { Connection, type Socket } from '../live/connection';
import type { Hello, Op, Push, Seen, Subscribed } from '../live/frames';
import { Listening } from '../live/listening';
import { Drafts, storage } from './drafts';
import { FriendList } from './friends.svelte';
import { timeOrderedId } from './ids';
import { Members } from './members.svelte';
import { Outbox, type Waiting } from './outbox';
import { PresenceWatch } from './presence.svelte';
import { Rooms } from './rooms.svelte';
import { Talk } from './talk.svelte';
import { Saying, withoutWriter, withWriter, type Writer } from './typing';

const KEPT_TALKS = 12;
const ADDRESS = '/api/v1/realtime';

/** One account's rooms and friends, on one live connection. Everything that the pages show of them is in here. */
export class ChatHouse {
  readonly me: Person;
  readonly rooms = new Rooms();
  readonly friends = new FriendList();
  readonly drafts: Drafts;
  readonly presence = new PresenceWatch((op) => this.ask<{ accounts: Seen[] }>(op));
  readonly saying = new Saying((room) => void this.ask({ op: 'typing', room }).catch(() => undefined));
  /** Messages on their way, in all rooms. */
  waiting: readonly Waiting[] = $state.raw([]);
  writers: Readonly<Record<string, Writer[]>> = $state.raw({});
  /** The room that is on the screen. */
  open: string | null = $state(null);
  /** Rooms with something typed and not sent. */
  drafted: readonly string[] = $state.raw([]);
  readonly outbox: Outbox;
  /** Called for each event as it happens. */
  onevent: (event: RoomEvent, room: Room) => void = () => undefined;
  readonly #connection: Connection;
  readonly #listening: Listening;
  readonly #talks = new Map<string, Talk>();
  readonly #members = new Map<string, Members>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(me: Pick<Me, 'id' | 'username'>, open: () => Socket, onrefused: () => void = () => undefined) {
    this.me = { id: me.id, username: me.username };
    this.drafts = new Drafts(me.id);
    this.#connection = new Connection({
      open,
      onpush: (push) => this.#heard(push),
      onstatus: (status, retryAt) => {
        [live.status, live.retryAt] = [status, retryAt ?? null];
        if (status !== 'live') this.#listening.pause();
      },
      onrefused: () => {
        onrefused();
        if (!this.rooms.list) void this.#readRooms();
      },
    });
    this.#listening = new Listening({
      ask: (op, patient) => this.#connection.ask<Subscribed>(op, patient),
      onevent: (event) => this.#happened(event),
      onstartover: (room, { seq, epoch }) => {
        this.rooms.startOver(room, seq, epoch);
        this.#talks.get(room)?.startOver();
      },
      onlost: (room) => this.#gone(room),
    });
    this.outbox = new Outbox(this.me, {
      send: (waiting, careful) => this.#send(waiting, careful),
      onsent: (event) => this.#listening.take(event),
      onchange: () => (this.waiting = this.outbox.list),
      newId: () => timeOrderedId(Date.now()),
      now: () => Date.now(),
      store: storage('sessionStorage'),
    });
    this.waiting = this.outbox.list;
  }

  start(): () => void {
    this.#connection.start();
    live.hurry = () => this.#connection.hurry();
    const hurry = () => void (document.hidden || this.#connection.hurry());
    window.addEventListener('online', hurry);
    document.addEventListener('visibilitychange', hurry);
    return () => {
      window.removeEventListener('online', hurry);
      document.removeEventListener('visibilitychange', hurry);
      this.stop();
    };
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.outbox.stop();
    this.#connection.stop();
    this.rooms.forget();
    this.presence.forget();
    live.requests = 0;
  }

  ask<Ok = unknown>(op: Op): Promise<Ok> {
    return this.#connection.ask<Ok>(op);
  }

  /** The talk of a room; the ones that were looked at last are kept as they are. */
  talk(room: string): Talk {
    const known = this.#talks.get(room);
    if (known) {
      this.#talks.delete(room);
      this.#talks.set(room, known);
      return known;
    }
    const talk = new Talk(room, {
      me: this.me.id,
      onstanding: (id, standing) => {
        this.outbox.renewed(id);
        this.#listening.listen(id, standing);
      },
      onread: (events) => events.forEach((event) => this.outbox.arrived(event)),
    });
    this.#talks.set(room, talk);
    const [oldest] = this.#talks.keys();
    if (this.#talks.size > KEPT_TALKS && oldest !== undefined) this.#talks.delete(oldest);
    return talk;
  }

  members(room: string): Members {
    const members = this.#members.get(room) ?? new Members(room);
    this.#members.set(room, members);
    return members;
  }

  writersIn(room: string): Writer[] {
    return this.writers[room] ?? [];
  }

  /** A room that was made, joined or found by us. */
  entered(room: Room): void {
    this.rooms.put(room);
    this.#listening.listen(room.id, { seq: room.last_seq, epoch: room.epoch });
  }

  left(room: string): void {
    this.#gone(room);
  }

  /** Everything up to an event is read. Another screen of the account hears of it. */
  async markRead(room: string, seq: number): Promise<void> {
    const known = this.rooms.get(room);
    if (!known || known.read_seq >= seq) return;
    this.rooms.marked({
      room_id: room,
      read_seq: seq,
      unread: Math.max(0, known.last_seq - seq),
      mentions: 0,
    });
    const mark = await this.ask<ReadMark>({ op: 'read', room, seq }).catch(() => null);
    if (mark) this.rooms.marked(mark);
  }

  noteDraft(room: string, body: string, replyTo: string | null): void {
    this.drafts.put(room, { body, replyTo });
    const others = this.drafted.filter((id) => id !== room);
    this.drafted = body.trim() ? [...others, room] : others;
  }

  #heard(push: Push): void {
    if (push.ev === 'hello') this.#said(push);
    else if (push.ev === 'event') this.#listening.take(push);
    else if (push.ev === 'read') this.rooms.marked(push);
    else if (push.ev === 'presence') this.presence.saw(push);
    else if (push.ev === 'typing') this.#writes(push.room_id, push.account_id, push.username);
    else if (push.ev === 'friend_request') this.friends.asked(push);
    else if (push.ev === 'friend') this.#befriended(push);
    else if (push.ev === 'room') {
      if (push.room) this.entered(push.room);
      else this.#gone(push.room_id);
    }
    live.tell(push.ev, push as never);
  }

  /** A connection stands: what changed meanwhile is told, and every room goes on from where it stood. */
  #said(hello: Hello): void {
    for (const gone of this.rooms.renew(hello.rooms)) this.#gone(gone);
    this.friends.renew(hello.friends, hello.incoming);
    this.drafted = hello.rooms.filter(({ id }) => this.drafts.has(id)).map(({ id }) => id);
    for (const { id, last_seq, epoch } of this.rooms.list ?? []) {
      this.#listening.listen(id, { seq: last_seq, epoch });
    }
    const latest = (this.rooms.list ?? []).map(({ id }) => id);
    this.#listening.renew(this.open ? [this.open, ...latest.filter((id) => id !== this.open)] : latest);
    this.#lookAtFriends();
    this.presence.renew();
    this.outbox.wake();
  }

  #happened(event: RoomEvent): void {
    const room = this.rooms.get(event.room_id);
    this.rooms.happened(event, this.me.id);
    const talk = this.#talks.get(event.room_id);
    const isShown = talk?.receive(event) ?? true;
    if (isShown) this.outbox.arrived(event);
    this.#members.get(event.room_id)?.happened(event);
    if (event.kind === 'message') this.#stopsWriting(event.room_id, event.account?.id);
    if (room) this.onevent(event, room);
  }

  #befriended(push: Push & { ev: 'friend' }): void {
    this.friends.became(push);
    this.#lookAtFriends();
  }

  #lookAtFriends(): void {
    this.presence.want(
      'friends',
      this.friends.friends.map(({ account }) => account.id),
    );
  }

  #gone(room: string): void {
    this.rooms.drop(room);
    this.#listening.forget(room);
    this.#talks.delete(room);
    this.#members.delete(room);
  }

  #writes(room: string, id: string, username: string): void {
    if (id === this.me.id) return;
    this.writers = { ...this.writers, [room]: withWriter(this.writersIn(room), id, username, Date.now()) };
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#sweep(), 1000);
  }

  #stopsWriting(room: string, id: string | undefined): void {
    const before = this.writersIn(room);
    if (before.length > 0) this.writers = { ...this.writers, [room]: withoutWriter(before, id, Date.now()) };
  }

  #sweep(): void {
    const rooms = Object.entries(this.writers)
      .map(([room, writers]) => [room, withoutWriter(writers, undefined, Date.now())] as const)
      .filter(([, writers]) => writers.length > 0);
    this.writers = Object.fromEntries(rooms);
    if (rooms.length > 0) this.#timer = setTimeout(() => this.#sweep(), 1000);
  }

  /** On the live connection; over HTTP when the house must say how long to wait, or there is no connection. */
  async #send({ room, clientMsgId, body, replyTo }: Waiting, careful: boolean): Promise<RoomEvent> {
    if (!careful) {
      if (live.status !== 'live') throw networkProblem();
      const op = { op: 'send', room, client_msg_id: clientMsgId, body } as const;
      return this.ask<RoomEvent>(replyTo ? { ...op, reply_to: replyTo } : op);
    }
    const params = { path: { id: room } };
    const message = { client_msg_id: clientMsgId, body, reply_to: replyTo ?? undefined };
    return call(api.POST('/api/v1/rooms/{id}/messages', { params, body: message }));
  }

  /** Without a live connection the rooms are at least listed. */
  async #readRooms(): Promise<void> {
    const query = { limit: 200 };
    const page = await call(api.GET('/api/v1/rooms', { params: { query } })).catch(() => null);
    if (page && !this.rooms.list) this.rooms.renew(page.items);
  }
}

export function openSocket(): Socket {
  return new WebSocket(location.origin.replace(/^http/, 'ws') + ADDRESS) as unknown as Socket;
}
