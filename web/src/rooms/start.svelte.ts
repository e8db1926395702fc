import { live } from '../app/live.svelte';
import { hrefTo } from '../app/routes';
import { router } from '../app/router.svelte';
import { session } from '../app/session.svelte';
import { toasts } from '../app/toasts.svelte';
import { tRooms } from '../i18n/rooms';
import { ChatHouse, openSocket } from './house.svelte';
import { notifier } from './notifier.svelte';
import { newStanding } from './standing';

class Current {
  house: ChatHouse | null = $state.raw(null);
}

/** The rooms of whoever is signed in. */
export const current = new Current();

/** Opens the live connection of who is signed in, and lets the whole client know what comes. Returns the way to end it. */
export function startLive(): () => void {
  const { me } = session;
  if (!me) return () => undefined;
  const house = new ChatHouse(me, openSocket, () => void session.refreshQuietly());
  house.onevent = (event, room) => notifier.heard(event, room, house);
  const stops = [house.start(), ...tellOthers()];
  current.house = house;
  return () => {
    stops.forEach((stop) => stop());
    if (current.house === house) current.house = null;
  };
}

/** What concerns the rest of the client: the badges, the wallet, and a word about what is new. */
function tellOthers(): (() => void)[] {
  let entries = -1;
  let isBack = false;
  return [
    live.on('hello', ({ unread_notices }) => {
      session.know({ unread_notices });
      // What was pushed while the line was broken (money, a role) is in the account.
      if (isBack) void session.refreshQuietly();
      isBack = true;
    }),
    live.on('account', () => void renewStanding()),
    live.on('wallet', (wallet) => {
      // Pushes may overtake each other: one with fewer lines of the ledger is older.
      if (wallet.entries < entries) return;
      entries = wallet.entries;
      session.know({ balance: wallet.balance });
    }),
    live.on('notice', (notice) => {
      void session.refresh().catch(() => undefined);
      const isNew = notice.created_at === notice.updated_at && !notice.read;
      if (!isNew || router.place.match?.name === 'notices') return;
      const read = { label: tRooms.live.read, run: () => router.go(hrefTo('notices', {})) };
      toasts.show(tRooms.live.notice(notice.title), 'plain', read);
    }),
    live.on('friend_request', ({ account }) => {
      const look = { label: tRooms.live.look, run: () => router.go(hrefTo('friends', {})) };
      toasts.show(tRooms.live.request(account.username), 'plain', look);
    }),
    live.on('friend', ({ account, state }) => {
      if (state === 'friends') toasts.show(tRooms.live.friends(account.username), 'good');
    }),
    live.on('session_ended', () => session.end()),
  ];
}

/** The shell shows at once what an admin changed, and says it. */
async function renewStanding(): Promise<void> {
  const before = session.me;
  await session.refresh().catch(() => undefined);
  const now = session.me;
  if (!before || now?.id !== before.id) return;
  for (const words of newStanding(before, now)) toasts.show(words);
}
