import Bell from '@lucide/svelte/icons/bell';
import Clapperboard from '@lucide/svelte/icons/clapperboard';
import Download from '@lucide/svelte/icons/download';
import HardDrive from '@lucide/svelte/icons/hard-drive';
import UserRound from '@lucide/svelte/icons/user-round';
import Wallet from '@lucide/svelte/icons/wallet';
import type { RouteName } from '../app/routes';
import { t } from '../i18n';

/** The rooms of the house, in the order in which both navigations show them. */
export const NAV = [
  { route: 'catalogue', label: () => t.nav.films, icon: Clapperboard },
  { route: 'drive', label: () => t.nav.drive, icon: HardDrive },
  { route: 'notices', label: () => t.nav.notices, icon: Bell },
  { route: 'records', label: () => t.nav.records, icon: Download },
  { route: 'wallet', label: () => t.nav.wallet, icon: Wallet },
  { route: 'me', label: () => t.nav.me, icon: UserRound },
] as const;

/** Which of the rooms a page belongs to. */
export function roomOf(route: RouteName | undefined): RouteName | undefined {
  return route?.startsWith('drive') ? 'drive' : route;
}
