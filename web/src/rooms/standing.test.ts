import { describe, expect, it } from 'vitest';
import { newStanding } from './standing';

const member = { role: 'member' as const, is_vip: false, vip_until: null, drive: { quota: 1e9 } };
const vip = { ...member, is_vip: true, vip_until: '2027-03-05T12:00:00Z' };

describe('what an admin changed', () => {
  it.each([
    ['nothing', member, member, []],
    ['a role', member, { ...member, role: 'admin' as const }, [/run the house/]],
    ['a role back', { ...member, role: 'admin' as const }, member, [/member/]],
    ['VIP time', member, vip, [/VIP until .*2027/]],
    ['more VIP time', vip, { ...vip, vip_until: '2028-03-05T12:00:00Z' }, [/VIP until .*2028/]],
    ['VIP time that is over', vip, member, [/no longer/]],
    ['the room on the drive', member, { ...member, drive: { quota: 2e9 } }, [/2 GB/]],
    ['two things', member, { ...vip, role: 'admin' as const }, [/run the house/, /VIP until/]],
  ])('is told: %s', (_, before, now, words) => {
    const told = newStanding(before, now);
    expect(told).toHaveLength(words.length);
    words.forEach((pattern, index) => expect(told[index]).toMatch(pattern));
  });
});
