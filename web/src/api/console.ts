import { api, call } from './client';
import type { LoginSession, Page, Person, Stats } from './types';

/**
 * What a newer house tells than `openapi.json` of this client does. An older one answers 404, or leaves fields out: the
 * pages then do without.
 */
export interface Minute {
  at: string;
  requests: number;
  /** Those that failed in the house (5xx). */
  errors: number;
}

export interface LiveStats extends Omit<Stats, 'live' | 'jobs' | 'storage' | 'requests'> {
  live?: {
    connections: number;
    accounts_online: number;
    streams: number;
    transfers: number;
    uploads: number;
  };
  jobs?: Record<'waiting' | 'running' | 'done' | 'failed' | 'cancelled', number>;
  storage?: { used: number; free: number | null };
  /** The oldest first; the last one is running. */
  requests?: { minutes: Minute[] };
}

export interface Setting {
  key: string;
  value: unknown;
  source: 'default' | 'file' | 'environment' | 'flag';
  /** A secret: its value is not told. */
  masked: boolean;
}

export interface SettingGroup {
  name: string;
  settings: Setting[];
}

export interface AccountSession extends LoginSession {
  /** Live connections that it has. */
  connections: number;
}

export type VoucherState = 'open' | 'used' | 'expired';

export interface Voucher {
  id: string;
  amount: number;
  state: VoucherState;
  created_at: string;
  created_by: string;
  expires_at: string | null;
  used_at: string | null;
  used_by: Person | null;
}

type Ask = (
  path: string,
  options?: { params?: { path?: object; query?: object }; signal?: AbortSignal },
) => Promise<{ data?: unknown; error?: unknown; response: Response }>;

const untyped = api as unknown as { GET: Ask; DELETE: Ask };

export function readSettings(signal?: AbortSignal): Promise<{ groups: SettingGroup[] }> {
  return call(untyped.GET('/api/v1/admin/settings', { signal })) as Promise<{ groups: SettingGroup[] }>;
}

export function readSessionsOf(id: string, signal?: AbortSignal): Promise<Page<AccountSession>> {
  const asked = untyped.GET('/api/v1/admin/accounts/{id}/sessions', { params: { path: { id } }, signal });
  return call(asked) as Promise<Page<AccountSession>>;
}

export async function endSessionOf(id: string, session_id: string): Promise<void> {
  const params = { path: { id, session_id } };
  await call(untyped.DELETE('/api/v1/admin/accounts/{id}/sessions/{session_id}', { params }));
}

export function readVouchers(
  query: { state?: VoucherState; cursor?: string; limit: number },
  signal: AbortSignal,
): Promise<Page<Voucher>> {
  return call(untyped.GET('/api/v1/admin/vouchers', { params: { query }, signal })) as Promise<Page<Voucher>>;
}

export async function revokeVoucher(id: string): Promise<void> {
  await call(untyped.DELETE('/api/v1/admin/vouchers/{id}', { params: { path: { id } } }));
}
