import type { Share } from '../api/types';

export type Expiry = 'never' | 'day' | 'week' | 'month';

const DAYS: Record<Exclude<Expiry, 'never'>, number> = { day: 1, week: 7, month: 30 };

/** When a link ends that is made now; `undefined` is never. */
export function expiryTime(expiry: Expiry, now = Date.now()): string | undefined {
  return expiry === 'never' ? undefined : new Date(now + DAYS[expiry] * 86_400_000).toISOString();
}

/** `''` is any number, a whole number from 1 is itself, everything else is wrong. */
export function readUses(text: string): number | undefined | 'wrong' {
  const trimmed = text.trim();
  if (!trimmed) return undefined;
  const number = Number(trimmed);
  return /^\d+$/.test(trimmed) && Number.isSafeInteger(number) && number >= 1 ? number : 'wrong';
}

/** The whole address, to be sent to somebody. */
export function shareLink({ url }: Pick<Share, 'url'>, origin = location.origin): string {
  return new URL(url, origin).href;
}

export function hasEnded({ expires_at }: Pick<Share, 'expires_at'>, now = Date.now()): boolean {
  return Boolean(expires_at) && Date.parse(expires_at ?? '') <= now;
}

export function isUsedUp({ uses, max_uses }: Pick<Share, 'uses' | 'max_uses'>): boolean {
  return typeof max_uses === 'number' && uses >= max_uses;
}
