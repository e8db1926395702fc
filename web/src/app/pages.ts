import type { Component } from 'svelte';
import Catalogue from '../pages/Catalogue.svelte';
import type { RouteName } from './routes';

/** What every page is given. Only a film's page reads it. */
export interface PageProps {
  filmId?: string;
}

type Page = Component<PageProps>;

interface PageEntry {
  /** `guests` pages make no sense to somebody who is signed in. */
  access: 'members' | 'guests' | 'anyone';
  load: () => Promise<{ default: unknown }>;
}

/** The catalogue comes with the first load; the others when they are asked for. */
export const PAGES: Record<RouteName, PageEntry> = {
  catalogue: { access: 'members', load: () => Promise.resolve({ default: Catalogue }) },
  film: { access: 'members', load: () => import('../pages/Film.svelte') },
  notices: { access: 'members', load: () => import('../pages/Notices.svelte') },
  records: { access: 'members', load: () => import('../pages/Records.svelte') },
  wallet: { access: 'members', load: () => import('../pages/Wallet.svelte') },
  me: { access: 'members', load: () => import('../pages/Me.svelte') },
  signIn: { access: 'guests', load: () => import('../pages/SignIn.svelte') },
  signUp: { access: 'guests', load: () => import('../pages/SignUp.svelte') },
  setUp: { access: 'guests', load: () => import('../pages/SetUp.svelte') },
};

const loaded = new Map<RouteName | undefined, Promise<Page> | Page>([['catalogue', Catalogue as Page]]);

/** The page's component: at once when it was shown before, so that "back" does not blink. */
export function pageFor(name: RouteName | undefined): Promise<Page> | Page {
  const known = loaded.get(name);
  if (known) return known;
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
