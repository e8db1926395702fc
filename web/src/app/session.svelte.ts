import { api, call, onSignedOut } from '../api/client';
import { asProblem, problemFrom, type ApiProblem } from '../api/problem';
import type { Me, Site } from '../api/types';
import { t } from '../i18n';
import { formatMoney } from './format';
import { nextTask } from './gradually.svelte';
import { live } from './live.svelte';
import { toasts } from './toasts.svelte';

const REFRESH_MS = 60_000;

const UNKNOWN_SITE: Site = {
  name: t.appName,
  currency: 'EUR',
  currency_digits: 2,
  vip_price_percent: 50,
  registration_open: true,
  setup_needed: false,
};

/** Who is signed in, and in which house. */
class Session {
  site: Site = $state.raw(UNKNOWN_SITE);
  me: Me | null = $state.raw(null);
  /** `starting` until both are known; `failed` when the house does not answer. */
  state: 'starting' | 'ready' | 'failed' = $state('starting');
  problem: ApiProblem | null = $state.raw(null);

  /** Asks who we are, and keeps asking now and then, so that the unread count stays true. */
  start(): () => void {
    onSignedOut(() => this.#lost());
    void this.load();
    const refresh = () => void this.refreshQuietly();
    // What a live connection tells needs no asking.
    const timer = setInterval(() => live.isOn || refresh(), REFRESH_MS);
    window.addEventListener('focus', refresh);
    return () => {
      clearInterval(timer);
      window.removeEventListener('focus', refresh);
    };
  }

  async load(): Promise<void> {
    this.state = 'starting';
    try {
      const [site] = await Promise.all([call(api.GET('/api/v1/site')), this.refresh()]);
      this.site = site;
      // The frame of the page is drawn in one task, what stands in it in the next.
      await nextTask();
      this.state = 'ready';
    } catch (thrown) {
      this.problem = asProblem(thrown);
      this.state = 'failed';
    }
  }

  /** Reads the account again. Nobody signed in is a fact here, not an error. */
  async refresh(): Promise<void> {
    const { data, error, response } = await api.GET('/api/v1/me');
    if (response.ok && data) this.me = data;
    else if (response.status === 401) this.me = null;
    else throw problemFrom(response, error);
  }

  async refreshQuietly(): Promise<void> {
    if (!this.me || document.hidden || this.state !== 'ready') return;
    const before = this.me;
    await this.refresh().catch(() => undefined);
    if (before && !this.me) toasts.show(t.auth.sessionEnded);
  }

  async signIn(username: string, password: string): Promise<void> {
    await call(api.POST('/api/v1/sessions', { body: { username, password, device: deviceName() } }));
    this.site = await call(api.GET('/api/v1/site'));
    await this.refresh();
  }

  async signOut(): Promise<void> {
    await call(api.DELETE('/api/v1/sessions/current'));
    this.me = null;
  }

  /** Something about the account has become known by another way. */
  know(changes: Partial<Me>): void {
    if (this.me) this.me = { ...this.me, ...changes };
  }

  /** The house ended this login session. */
  end(): void {
    this.#lost();
  }

  money(minor: number): string {
    return formatMoney(minor, this.site);
  }

  #lost(): void {
    if (this.me) toasts.show(t.auth.sessionEnded);
    this.me = null;
  }
}

/** A name for the list of sessions that its owner will recognise: `Firefox on Linux`. */
export function deviceName(agent = navigator.userAgent): string {
  const browser = /Edg\//.test(agent)
    ? 'Edge'
    : /OPR\//.test(agent)
      ? 'Opera'
      : /Firefox\//.test(agent)
        ? 'Firefox'
        : /Chrome\//.test(agent)
          ? 'Chrome'
          : /Safari\//.test(agent)
            ? 'Safari'
            : 'Browser';
  const systems: [RegExp, string][] = [
    [/iPhone|iPad/, 'iOS'],
    [/Android/, 'Android'],
    [/Windows/, 'Windows'],
    [/Mac OS X/, 'macOS'],
    [/Linux/, 'Linux'],
  ];
  const system = systems.find(([pattern]) => pattern.test(agent))?.[1];
  return system ? `${browser} on ${system}` : browser;
}

/** A device as it is shown: a browser that gave no name of its own by what its agent says. */
export function deviceLabel(device: string): string {
  return device.startsWith('Mozilla/') ? deviceName(device) : device;
}

export const session = new Session();
