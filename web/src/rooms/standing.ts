import type { Me } from '../api/types';
import { formatBytes, formatDate } from '../app/format';
import { tRooms } from '../i18n/rooms';

type Standing = Pick<Me, 'role' | 'is_vip' | 'vip_until'> & { drive: Pick<Me['drive'], 'quota'> };

/** What an account may do now that it could not before, or no longer, in words. What stays the same is not said. */
export function newStanding(before: Standing, now: Standing): string[] {
  const words: string[] = [];
  const { standing } = tRooms.live;
  if (now.role !== before.role) words.push(now.role === 'admin' ? standing.admin : standing.member);
  if (now.is_vip && (!before.is_vip || now.vip_until !== before.vip_until)) {
    words.push(now.vip_until ? standing.vipUntil(formatDate(now.vip_until)) : standing.vip);
  }
  if (before.is_vip && !now.is_vip) words.push(standing.vipEnded);
  if (now.drive.quota !== before.drive.quota) words.push(standing.quota(formatBytes(now.drive.quota)));
  return words;
}
