import { api, call } from '../api/client';
import { asProblem, type ApiProblem } from '../api/problem';
import type { Member, MemberChanges, RoomEvent, RoomRole } from '../api/types';

const PAGE = 200;
/** So many are listed. A room may have more; they are found by name when somebody types one. */
const MOST = 2000;
const RANKS: RoomRole[] = ['owner', 'moderator', 'member'];

/** Who is in a room, and what they are in it. */
export class Members {
  readonly room: string;
  list: Member[] = $state.raw([]);
  state: 'new' | 'loading' | 'ready' | 'failed' = $state('new');
  problem: ApiProblem | null = $state.raw(null);

  constructor(room: string) {
    this.room = room;
  }

  start(): void {
    if (this.state === 'new' || this.state === 'failed') void this.load();
  }

  async load(): Promise<void> {
    this.state = 'loading';
    try {
      const all: Member[] = [];
      let cursor: string | undefined;
      do {
        const params = { path: { id: this.room }, query: { cursor, limit: PAGE } };
        const page = await call(api.GET('/api/v1/rooms/{id}/members', { params }));
        all.push(...page.items);
        cursor = page.next_cursor ?? undefined;
      } while (cursor && all.length < MOST);
      this.list = all.sort(byRank);
      this.state = 'ready';
    } catch (thrown) {
      this.problem = asProblem(thrown);
      this.state = 'failed';
    }
  }

  find(id: string): Member | undefined {
    return this.list.find(({ account }) => account.id === id);
  }

  /** Something happened in the room: whoever it is about has come, has gone, or is something else now. */
  happened(event: RoomEvent): void {
    const { account } = event;
    if (!account || this.state !== 'ready') return;
    const others = this.list.filter((member) => member.account.id !== account.id);
    const known = this.find(account.id);
    if (event.kind === 'join') {
      const joined: Member = {
        account,
        role: 'member',
        joined_at: event.at,
        muted_until: null,
        last_seen_at: null,
      };
      this.list = [...others, joined].sort(byRank);
    }
    if (event.kind === 'leave' || event.kind === 'kick') this.list = others;
    if (event.kind === 'role' && known && event.role)
      this.list = [...others, { ...known, role: event.role }].sort(byRank);
    if (event.kind === 'mute' && known)
      this.list = this.list.map((one) =>
        one === known ? { ...known, muted_until: event.muted_until ?? null } : one,
      );
  }

  async change(id: string, body: MemberChanges): Promise<void> {
    const params = { path: { id: this.room, account_id: id } };
    const changed = await call(api.PATCH('/api/v1/rooms/{id}/members/{account_id}', { params, body }));
    this.list = this.list.map((one) => (one.account.id === id ? changed : one)).sort(byRank);
  }

  async kick(id: string): Promise<void> {
    const params = { path: { id: this.room, account_id: id } };
    await call(api.DELETE('/api/v1/rooms/{id}/members/{account_id}', { params }));
    this.list = this.list.filter(({ account }) => account.id !== id);
  }

  async ban(id: string): Promise<void> {
    const params = { path: { id: this.room, account_id: id } };
    await call(api.PUT('/api/v1/rooms/{id}/bans/{account_id}', { params }));
    this.list = this.list.filter(({ account }) => account.id !== id);
  }

  async invite(id: string): Promise<void> {
    const params = { path: { id: this.room } };
    await call(api.POST('/api/v1/rooms/{id}/members', { params, body: { account_id: id } }));
  }
}

function byRank(a: Member, b: Member): number {
  const rank = RANKS.indexOf(a.role) - RANKS.indexOf(b.role);
  return rank || a.account.username.localeCompare(b.account.username);
}

export function isMuted(until: string | null | undefined, now = Date.now()): boolean {
  return !!until && Date.parse(until) > now;
}

/** Whether somebody of a role may act on another one. An admin of the house stands above the owner. */
export function standsAbove(mine: RoomRole, theirs: RoomRole, isAdmin: boolean): boolean {
  const rank = isAdmin ? -1 : RANKS.indexOf(mine);
  return rank < RANKS.indexOf('member') && rank < RANKS.indexOf(theirs);
}
