import { dateFormat } from '../app/intl';
import { locale } from '../i18n';
import type { Waiting } from './outbox';
import type { Row } from './log';

/** What stands above a row, besides the row itself. */
export interface Setting {
  /** The day begins here. */
  isNewDay: boolean;
  /** The same person goes on within a few minutes: no name again. */
  isContinued: boolean;
}

const TOGETHER_MS = 5 * 60_000;

type Shown = Row | Waiting;

export function settingOf(before: Shown | undefined, row: Shown): Setting {
  const isNewDay = !before || !isSameDay(before.at, row.at);
  if (isNewDay || before.kind === 'happened' || row.kind === 'happened')
    return { isNewDay, isContinued: false };
  const isContinued =
    before.account.id === row.account.id &&
    row.replyTo === null &&
    Date.parse(row.at) - Date.parse(before.at) < TOGETHER_MS;
  return { isNewDay, isContinued };
}

export function isSameDay(a: string | number, b: string | number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}

/** `Today`, `Yesterday`, `Thursday`, `Thursday, 5 March`, and the year when it is another one. */
export function formatDay(iso: string, now = Date.now(), language = locale()): string {
  const then = new Date(iso);
  const days = Math.round((startOfDay(now) - startOfDay(then.getTime())) / 86_400_000);
  if (days === 0 || days === 1) {
    const words = new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(-days, 'day');
    return words.slice(0, 1).toLocaleUpperCase(language) + words.slice(1);
  }
  const isThisYear = then.getFullYear() === new Date(now).getFullYear();
  const parts: Intl.DateTimeFormatOptions = { weekday: 'long' };
  if (days < 0 || days > 6) Object.assign(parts, { day: 'numeric', month: 'long' });
  if (!isThisYear) parts.year = 'numeric';
  return dateFormat(language, parts).format(then);
}

export function formatTime(iso: string, language = locale()): string {
  return dateFormat(language, { timeStyle: 'short' }).format(new Date(iso));
}

/** The time today, else the day, as short as a list has room for. */
export function formatShort(iso: string, now = Date.now(), language = locale()): string {
  if (isSameDay(iso, now)) return formatTime(iso, language);
  const days = Math.round((startOfDay(now) - startOfDay(Date.parse(iso))) / 86_400_000);
  const parts: Intl.DateTimeFormatOptions =
    days < 7 ? { weekday: 'short' } : { day: 'numeric', month: 'short' };
  return dateFormat(language, parts).format(new Date(iso));
}

function startOfDay(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0);
}
