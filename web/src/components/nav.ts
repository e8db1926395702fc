import Bell from '@lucide/svelte/icons/bell';
import Clapperboard from '@lucide/svelte/icons/clapperboard';
import Download from '@lucide/svelte/icons/download';
import HardDrive from '@lucide/svelte/icons/hard-drive';
import MessagesSquare from '@lucide/svelte/icons/messages-square';
import UserRound from '@lucide/svelte/icons/user-round';
import Wallet from '@lucide/svelte/icons/wallet';
import { live } from '../app/live.svelte';
import type { RouteName } from '../app/routes';
import { session } from '../app/session.svelte';
import { t } from '../i18n';

/** The rooms of the house, in the order in which both navigations show them. */
export const NAV = [
  { route: 'catalogue', label: () => t.nav.films, icon: Clapperboard },
  { route: 'rooms', label: () => t.nav.rooms, icon: MessagesSquare },
  { route: 'drive', label: () => t.nav.drive, icon: HardDrive },
  { route: 'notices', label: () => t.nav.notices, icon: Bell },
  { route: 'records', label: () => t.nav.records, icon: Download },
  { route: 'wallet', label: () => t.nav.wallet, icon: Wallet },
  { route: 'me', label: () => t.nav.me, icon: UserRound },
] as const;

/** Which of the rooms a page belongs to. */
export function roomOf(route: RouteName | undefined): RouteName | undefined {
  if (route === 'series' || route === 'oneSeries') return 'catalogue';
  if (route === 'room' || route === 'friends') return 'rooms';
  return route?.startsWith('drive') ? 'drive' : route;
}

/** What waits behind a link of the navigation: how much, in words, and whether somebody means the reader. */
export interface Waiting {
  count: number;
  words: string;
  isMeant: boolean;
}

export function waitingAt(route: RouteName): Waiting | null {
  if (route === 'notices') {
    const count = session.me?.unread_notices ?? 0;
    return count > 0 ? { count, words: t.nav.unread(count), isMeant: true } : null;
  }
  if (route !== 'rooms') return null;
  const meant = live.mentions + live.requests;
  const count = meant || live.unreadRooms;
  const words = t.nav.waiting(live.unreadRooms, live.mentions, live.requests);
  return count > 0 ? { count, words, isMeant: meant > 0 } : null;
}
