import type { Webhook, WebhookDelivery, WebhookEvent } from '../../../api/types';
import { tWebhooks } from '../../../i18n/webhooks';

/** What a webhook can be told, by what it is about. A test is sent to each, so it is not chosen. */
export interface EventGroup {
  name: keyof typeof tWebhooks.groups;
  events: WebhookEvent[];
}

/** Every event that can be chosen, from the one list of them that the texts are. */
export function eventGroups(): EventGroup[] {
  const events = Object.keys(tWebhooks.event) as WebhookEvent[];
  const names = Object.keys(tWebhooks.groups) as EventGroup['name'][];
  return names.map((name) => ({ name, events: events.filter((event) => event.startsWith(`${name}.`)) }));
}

/** What an event is called; one that this client does not know keeps its own name. */
export function eventName(event: string): string {
  return tWebhooks.event[event] ?? event;
}

/** `https://hooks.example:8443/in?key=1` -> `hooks.example:8443`. */
export function hostOf(url: string): string {
  return URL.parse(url)?.host || url;
}

/** The address without what may be a key in it. */
export function plainAddress(url: string): string {
  const parsed = URL.parse(url);
  if (!parsed) return url;
  return parsed.origin + parsed.pathname + (parsed.search && '?…');
}

export function badgeOf(state: WebhookDelivery['state']): 'good' | 'bad' | 'plain' {
  if (state === 'delivered') return 'good';
  return state === 'failed' ? 'bad' : 'plain';
}

/** What a delivery is about, by the name that people know: of a film, a notice, an account. */
export function subjectOf({ body }: Pick<WebhookDelivery, 'body'>): string | undefined {
  const { data } = body as { data?: { title?: unknown; username?: unknown } };
  const name = data?.title ?? data?.username;
  return typeof name === 'string' ? name : undefined;
}

/** Whether it can be sent again: it has ended, and its webhook wants it. A test goes to one that is off, too. */
export function canSendAgain({ is_active }: Pick<Webhook, 'is_active'>, delivery: WebhookDelivery): boolean {
  return delivery.state !== 'queued' && (is_active || delivery.event === 'ping');
}

/** What an admin should know of a webhook besides its latest delivery. */
export function troubleOf(webhook: Webhook): 'gone' | 'failing' | 'failed' | null {
  if (webhook.is_active) return webhook.failing_since ? 'failing' : null;
  if (webhook.last_delivery?.last_status === 410) return 'gone';
  return webhook.failing_since ? 'failed' : null;
}
