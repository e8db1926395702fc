import { api, call } from '../api/client';
import type { Blocked, Friend, FriendRequest, Friendship } from '../api/types';
import { live } from '../app/live.svelte';

/** Friends, requests both ways, and blocks. The house tells of most of it; the rest is read when somebody looks. */
export class FriendList {
  friends: Friend[] = $state.raw([]);
  incoming: FriendRequest[] = $state.raw([]);
  outgoing: FriendRequest[] = $state.raw([]);
  blocked: Blocked[] = $state.raw([]);

  has(id: string): boolean {
    return this.friends.some(({ account }) => account.id === id);
  }

  renew(friends: Friend[], incoming: FriendRequest[]): void {
    this.friends = byName(friends);
    this.#asks(incoming);
  }

  /** Reads all of it. */
  async load(): Promise<void> {
    const all = await call(api.GET('/api/v1/friends'));
    this.renew(all.friends, all.incoming);
    [this.outgoing, this.blocked] = [all.outgoing, all.blocked];
  }

  asked(request: FriendRequest): void {
    this.#asks([request, ...this.incoming.filter(({ account }) => account.id !== request.account.id)]);
  }

  /** Friends now, or no more; `pending` says that the request is on its way. */
  became({ account, state }: Friendship, now = new Date().toISOString()): void {
    const others = this.friends.filter((friend) => friend.account.id !== account.id);
    const known = this.friends.find((friend) => friend.account.id === account.id);
    if (state === 'friends')
      this.friends = byName([...others, known ?? { account, online: false, since: now, last_seen_at: null }]);
    if (state === 'removed') this.friends = others;
    this.#asks(this.incoming.filter((one) => one.account.id !== account.id));
    const waiting = this.outgoing.filter((one) => one.account.id !== account.id);
    this.outgoing = state === 'pending' ? [{ account, created_at: now }, ...waiting] : waiting;
  }

  async ask(username: string): Promise<Friendship> {
    const made = await call(api.POST('/api/v1/friends/requests', { body: { username } }));
    this.became(made);
    return made;
  }

  async accept(id: string): Promise<void> {
    this.became(await call(api.POST('/api/v1/friends/requests/{account_id}/accept', of(id))));
  }

  async ignore(id: string): Promise<void> {
    await call(api.POST('/api/v1/friends/requests/{account_id}/ignore', of(id)));
    this.#asks(this.incoming.filter(({ account }) => account.id !== id));
  }

  /** Ends a friendship, or takes one's own request back. */
  async remove(id: string): Promise<void> {
    await call(api.DELETE('/api/v1/friends/{account_id}', of(id)));
    this.friends = this.friends.filter(({ account }) => account.id !== id);
    this.outgoing = this.outgoing.filter(({ account }) => account.id !== id);
  }

  async block(id: string): Promise<void> {
    await call(api.PUT('/api/v1/blocks/{account_id}', of(id)));
    await this.load();
  }

  async unblock(id: string): Promise<void> {
    await call(api.DELETE('/api/v1/blocks/{account_id}', of(id)));
    this.blocked = this.blocked.filter(({ account }) => account.id !== id);
  }

  #asks(incoming: FriendRequest[]): void {
    this.incoming = incoming;
    live.requests = incoming.length;
  }
}

function of(id: string) {
  return { params: { path: { account_id: id } } };
}

function byName(friends: Friend[]): Friend[] {
  return [...friends].sort((a, b) => a.account.username.localeCompare(b.account.username));
}
