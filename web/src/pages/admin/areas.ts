import Activity from '@lucide/svelte/icons/activity';
import Clapperboard from '@lucide/svelte/icons/clapperboard';
import HeartPulse from '@lucide/svelte/icons/heart-pulse';
import Library from '@lucide/svelte/icons/library';
import ListChecks from '@lucide/svelte/icons/list-checks';
import Megaphone from '@lucide/svelte/icons/megaphone';
import MessageSquareWarning from '@lucide/svelte/icons/message-square-warning';
import ScrollText from '@lucide/svelte/icons/scroll-text';
import SlidersHorizontal from '@lucide/svelte/icons/sliders-horizontal';
import TicketPercent from '@lucide/svelte/icons/ticket-percent';
import UsersRound from '@lucide/svelte/icons/users-round';
import Webhook from '@lucide/svelte/icons/webhook';
import { tAdmin } from '../../i18n/admin';
import { tCurating } from '../../i18n/curating';
import { tWebhooks } from '../../i18n/webhooks';
import Accounts from './Accounts.svelte';
import Audit from './Audit.svelte';
import Comments from './Comments.svelte';
import Dashboard from './Dashboard.svelte';
import Health from './Health.svelte';
import Jobs from './Jobs.svelte';
import Movies from './Movies.svelte';
import Notices from './Notices.svelte';
import Series from './Series.svelte';
import Settings from './Settings.svelte';
import Vouchers from './Vouchers.svelte';
import Webhooks from './Webhooks.svelte';

/** The areas of the console, in the order of its navigation. The first one is `/admin` itself. */
export const AREAS = [
  { name: '', label: () => tAdmin.areas.dashboard, icon: Activity, page: Dashboard },
  { name: 'movies', label: () => tAdmin.areas.movies, icon: Clapperboard, page: Movies },
  { name: 'series', label: () => tCurating.series.area, icon: Library, page: Series },
  {
    name: 'comments',
    label: () => tCurating.comments.area,
    icon: MessageSquareWarning,
    page: Comments,
  },
  { name: 'notices', label: () => tAdmin.areas.notices, icon: Megaphone, page: Notices },
  { name: 'accounts', label: () => tAdmin.areas.accounts, icon: UsersRound, page: Accounts },
  { name: 'vouchers', label: () => tAdmin.areas.vouchers, icon: TicketPercent, page: Vouchers },
  { name: 'jobs', label: () => tAdmin.areas.jobs, icon: ListChecks, page: Jobs },
  { name: 'webhooks', label: () => tWebhooks.area, icon: Webhook, page: Webhooks },
  { name: 'audit', label: () => tAdmin.areas.audit, icon: ScrollText, page: Audit },
  { name: 'settings', label: () => tAdmin.areas.settings, icon: SlidersHorizontal, page: Settings },
  { name: 'health', label: () => tAdmin.areas.health, icon: HeartPulse, page: Health },
] as const;
