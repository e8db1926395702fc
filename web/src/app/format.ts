import { locale, t } from '../i18n';
import { numberFormat, dateFormat } from './intl';

/** How the house counts its money: from `GET /site`. */
export interface Currency {
  currency: string;
  currency_digits: number;
}

/** Integer minor units -> text in the reader's language: `1250`, EUR, 2 -> `€12.50`. Never goes through a float sum. */
export function formatMoney(
  minor: number,
  { currency, currency_digits }: Currency,
  language = locale(),
): string {
  const digits = { minimumFractionDigits: currency_digits, maximumFractionDigits: currency_digits };
  const amount = decimalText(minor, currency_digits) as Intl.StringNumericLiteral;
  try {
    return numberFormat(language, { style: 'currency', currency, ...digits }).format(amount);
  } catch {
    // A house may count in something that is no ISO currency, such as "credits".
    return `${numberFormat(language, digits).format(amount)} ${currency}`;
  }
}

/** The same with a sign in front of what came in, for a ledger. */
export function formatSignedMoney(minor: number, currency: Currency, language = locale()): string {
  const text = formatMoney(Math.abs(minor), currency, language);
  if (minor === 0) return text;
  return minor > 0 ? `+${text}` : `\u2212${text}`;
}

/** `-1250`, 2 -> `-12.50`: exact for every safe integer. */
export function decimalText(minor: number, digits: number): string {
  const sign = minor < 0 ? '-' : '';
  const figures = String(Math.abs(Math.trunc(minor))).padStart(digits + 1, '0');
  return digits === 0 ? sign + figures : `${sign}${figures.slice(0, -digits)}.${figures.slice(-digits)}`;
}

/** `3_840_000_000` -> `3.84 GB`: decimal units, at most three figures. */
export function formatBytes(bytes: number, language = locale()): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'];
  let value = bytes;
  let index = 0;
  while (value >= 999.5 && index < units.length - 1) {
    value /= 1000;
    index += 1;
  }
  const unit = units[index] ?? 'byte';
  return numberFormat(language, {
    style: 'unit',
    unit,
    unitDisplay: unit === 'byte' ? 'long' : 'short',
    maximumSignificantDigits: 3,
  }).format(value);
}

/** Seconds -> `1:02:03` or `2:03`, as a player shows them. */
export function formatClock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** Seconds -> `1h 24m`, or `45s` for what is shorter than a minute. In our own words: those of `Intl` take 30 ms to load. */
export function formatDuration(seconds: number): string {
  const { hours, minutes, seconds: short } = t.durations;
  if (seconds < 59.5) return short(Math.max(1, Math.round(seconds)));
  const whole = Math.round(seconds / 60);
  if (whole < 60) return minutes(whole);
  const rest = whole % 60;
  return [hours(Math.floor(whole / 60)), rest ? minutes(rest) : ''].filter(Boolean).join(' ');
}

export function formatDate(iso: string, language = locale()): string {
  return dateFormat(language, { dateStyle: 'medium' }).format(new Date(iso));
}

export function formatDateTime(iso: string, language = locale()): string {
  return dateFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso));
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** `2 hours ago` within a week, else the date. */
export function formatAgo(iso: string, now = Date.now(), language = locale()): string {
  const seconds = (Date.parse(iso) - now) / 1000;
  if (Math.abs(seconds) > 7 * 86_400) return formatDate(iso, language);
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
  }
  return relative.format(0, 'second');
}

/** `18:05`, as the language writes it. */
export function formatTime(iso: string, language = locale()): string {
  return dateFormat(language, { hour: 'numeric', minute: '2-digit' }).format(new Date(iso));
}

/** Short, for lists: `18:05` today, `Tue` within a week, else `5 Mar`, with the year when it is another one. */
export function formatWhen(iso: string, now = new Date(), language = locale()): string {
  const at = new Date(iso);
  const today = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  const DAY_MS = 86_400_000;
  const options: Intl.DateTimeFormatOptions =
    at >= today && at.getTime() < today.getTime() + DAY_MS
      ? { hour: 'numeric', minute: '2-digit' }
      : at < today && today.getTime() - at.getTime() < 6 * DAY_MS
        ? { weekday: 'short' }
        : at.getFullYear() === now.getFullYear()
          ? { day: 'numeric', month: 'short' }
          : { day: 'numeric', month: 'short', year: 'numeric' };
  return dateFormat(language, options).format(at);
}

/** `1234.5` -> `1,234.5`. */
export function formatNumber(value: number, digits = 0, language = locale()): string {
  return numberFormat(language, { maximumFractionDigits: digits }).format(value);
}
