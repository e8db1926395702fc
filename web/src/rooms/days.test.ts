import { describe, expect, it } from 'vitest';
import { formatDay, formatShort, settingOf } from './days';
import { ANNA, anEvent, BEN } from './events.fixture';
import { saidBy, type Said } from './log';

const said = (at: string, more = {}) => ({ ...(saidBy(anEvent(1), 'me') as Said), at, ...more });
const local = (day: number, hour: number, minute = 0) => new Date(2026, 2, day, hour, minute).toISOString();

describe('what stands above a message', () => {
  it('is a new day at midnight, and before the first one', () => {
    expect(settingOf(undefined, said(local(5, 9))).isNewDay).toBe(true);
    expect(settingOf(said(local(5, 23, 59)), said(local(6, 0, 1))).isNewDay).toBe(true);
    expect(settingOf(said(local(5, 1)), said(local(5, 23))).isNewDay).toBe(false);
  });

  it('is no name again while the same person goes on', () => {
    const before = said(local(5, 9));
    expect(settingOf(before, said(local(5, 9, 4))).isContinued).toBe(true);
    expect(settingOf(before, said(local(5, 9, 6))).isContinued).toBe(false);
    expect(settingOf(before, said(local(5, 9, 1), { account: BEN })).isContinued).toBe(false);
    expect(settingOf(before, said(local(5, 9, 1), { replyTo: 'm0' })).isContinued).toBe(false);
    const happened = { kind: 'happened', key: 'k', seq: 1, at: local(5, 9), event: anEvent(1) } as const;
    expect(settingOf(happened, said(local(5, 9, 1), { account: ANNA })).isContinued).toBe(false);
  });
});

describe('a day', () => {
  const now = new Date(2026, 2, 5, 12).getTime();

  it('has a name that people use', () => {
    expect(formatDay(local(5, 1), now, 'en-GB')).toBe('Today');
    expect(formatDay(local(4, 23), now, 'en-GB')).toBe('Yesterday');
    expect(formatDay(local(1, 5), now, 'en-GB')).toBe('Sunday');
    expect(formatDay(new Date(2026, 0, 9).toISOString(), now, 'en-GB')).toMatch(/^Friday,? 9 January$/);
    expect(formatDay(new Date(2025, 0, 9).toISOString(), now, 'en-GB')).toMatch(
      /^Thursday,? 9 January 2025$/,
    );
    expect(formatDay(local(5, 1), now, 'zh-CN')).toBe('今天');
  });

  it('is short in a list', () => {
    expect(formatShort(local(5, 9, 5), now, 'en-GB')).toBe('09:05');
    expect(formatShort(local(3, 9), now, 'en-GB')).toBe('Tue');
    expect(formatShort(new Date(2026, 0, 9).toISOString(), now, 'en-GB')).toBe('9 Jan');
  });
});
