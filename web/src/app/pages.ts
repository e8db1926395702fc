import type { Component } from 'svelte';
import Catalogue from '../pages/Catalogue.svelte';
import { whenAtHome, whenIdle } from './quiet.svelte';
import type { RouteName } from './routes';

/** What every page is given. Only a film's page reads it. */
export interface PageProps {
  filmId?: string;
}

type Page = Component<PageProps>;

export interface PageEntry {
  /** `guests` pages make no sense to somebody who is signed in; `admins` pages do not exist for members. */
  access: 'members' | 'admins' | 'guests' | 'anyone';
  load: () => Promise<{ default: unknown }>;
}

const loadAdmin = () => import('../pages/Admin.svelte');
const loadRooms = () => import('../pages/Rooms.svelte');

/** The catalogue comes with the first load; the others when they are asked for. */
export const PAGES: Record<RouteName, PageEntry> = {
  catalogue: { access: 'members', load: () => Promise.resolve({ default: Catalogue }) },
  film: { access: 'members', load: () => import('../pages/Film.svelte') },
  series: { access: 'members', load: () => import('../pages/SeriesList.svelte') },
  oneSeries: { access: 'members', load: () => import('../pages/Series.svelte') },
  drive: { access: 'members', load: () => import('../pages/Drive.svelte') },
  driveShares: { access: 'members', load: () => import('../pages/DriveShares.svelte') },
  driveTrash: { access: 'members', load: () => import('../pages/DriveTrash.svelte') },
  driveFolder: { access: 'members', load: () => import('../pages/Drive.svelte') },
  rooms: { access: 'members', load: loadRooms },
  room: { access: 'members', load: loadRooms },
  friends: { access: 'members', load: loadRooms },
  notices: { access: 'members', load: () => import('../pages/Notices.svelte') },
  records: { access: 'members', load: () => import('../pages/Records.svelte') },
  wallet: { access: 'members', load: () => import('../pages/Wallet.svelte') },
  me: { access: 'members', load: () => import('../pages/Me.svelte') },
  admin: { access: 'admins', load: loadAdmin },
  adminArea: { access: 'admins', load: loadAdmin },
  signIn: { access: 'guests', load: () => import('../pages/SignIn.svelte') },
  signUp: { access: 'guests', load: () => import('../pages/SignUp.svelte') },
  setUp: { access: 'guests', load: () => import('../pages/SetUp.svelte') },
};

const loaded = new Map<RouteName | undefined, Promise<Page> | Page>([['catalogue', Catalogue as Page]]);

/**
 * The page's component: at once when it was shown before, so that "back" does not blink. One that failed to load is
 * loaded again; a browser may remember the failure of an address, so after the first `attempt` the whole page is.
 */
export function pageFor(name: RouteName | undefined, attempt = 0): Promise<Page> | Page {
  const known = loaded.get(name);
  if (known) return known;
  if (attempt > 1 && navigator.onLine) location.reload();
  const loading: Promise<{ default: unknown }> = name
    ? PAGES[name].load()
    : import('../pages/NotFound.svelte');
  const page = loading.then(({ default: component }) => {
    loaded.set(name, component as Page);
    return component as Page;
  });
  loaded.set(name, page);
  page.catch(() => loaded.delete(name));
  return page;
}

let ahead = false;

/**
 * Fetches the other pages, one whenever the browser has nothing else to do: they then open at once, offline too. It begins
 * when somebody is at home.
 */
export function fetchPagesAhead(): void {
  if (ahead) return;
  ahead = true;
  const names = Object.entries(PAGES)
    .filter(([, { access }]) => access === 'members')
    .map(([name]) => name as RouteName);
  const fetchNext = () => {
    const name = names.shift();
    if (!name) return;
    const next = () => whenIdle(fetchNext);
    Promise.resolve(pageFor(name)).then(next, next);
  };
  whenAtHome(fetchNext);
}
