/** What is done to a webhook from its row in the list and from its own page alike. */
import { api, call } from '../../../api/client';
import { asProblem } from '../../../api/problem';
import type { Webhook } from '../../../api/types';
import { toasts } from '../../../app/toasts.svelte';
import { tWebhooks } from '../../../i18n/webhooks';

/** While something is on its way, and otherwise. */
const SOON_MS = 2000;
const LATER_MS = 5000;

/** Sends a test. Says whether it is on its way; what speaks against it is told. */
export async function sendTest({ id }: Webhook): Promise<boolean> {
  return told(async () => {
    await call(api.POST('/api/v1/admin/webhooks/{id}/ping', { params: { path: { id } } }));
    toasts.show(tWebhooks.pinged, 'good');
  });
}

export async function switchTo({ id }: Webhook, is_active: boolean): Promise<boolean> {
  return told(async () => {
    await call(api.PATCH('/api/v1/admin/webhooks/{id}', { params: { path: { id } }, body: { is_active } }));
    toasts.show(is_active ? tWebhooks.switchedOn : tWebhooks.switchedOff, 'good');
  });
}

export async function sendAgain(id: string, delivery: string): Promise<boolean> {
  return told(async () => {
    const params = { path: { id, delivery } };
    await call(api.POST('/api/v1/admin/webhooks/{id}/deliveries/{delivery}/retry', { params }));
    toasts.show(tWebhooks.retried, 'good');
  });
}

/**
 * Asks again and again while somebody looks: the house does not push what becomes of deliveries. Returns the way to stop.
 */
export function keepAsking(renew: () => Promise<void>, isUnderWay: boolean): () => void {
  const ask = () => {
    if (!document.hidden) void renew();
  };
  const timer = setInterval(ask, isUnderWay ? SOON_MS : LATER_MS);
  return () => clearInterval(timer);
}

async function told(act: () => Promise<void>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (thrown) {
    toasts.show(asProblem(thrown).message, 'bad');
    return false;
  }
}
