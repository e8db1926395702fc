import { describe, expect, it } from 'vitest';
import {
  decimalText,
  formatAgo,
  formatBytes,
  formatClock,
  formatDuration,
  formatMoney,
  formatSignedMoney,
  formatWhen,
} from './format';

const euro = { currency: 'EUR', currency_digits: 2 };
/** Intl separates with several kinds of space; they do not matter here. */
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

describe('money', () => {
  it.each([
    [0, '€0.00'],
    [5, '€0.05'],
    [1250, '€12.50'],
    [-1250, '-€12.50'],
    [123_456_789, '€1,234,567.89'],
  ])('%i minor units are %s', (minor, text) => {
    expect(formatMoney(minor, euro, 'en')).toBe(text);
  });

  it('follows the language of the reader', () => {
    expect(plain(formatMoney(125_050, euro, 'de'))).toBe('1.250,50 €');
  });

  it('knows currencies without minor units, and with three digits', () => {
    expect(plain(formatMoney(1250, { currency: 'JPY', currency_digits: 0 }, 'en'))).toBe('¥1,250');
    expect(plain(formatMoney(1250, { currency: 'KWD', currency_digits: 3 }, 'en'))).toBe('KWD 1.250');
  });

  it('keeps every digit of a large amount', () => {
    expect(formatMoney(Number.MAX_SAFE_INTEGER, euro, 'en')).toBe('€90,071,992,547,409.91');
  });

  it('shows a currency that Intl does not know', () => {
    expect(formatMoney(150, { currency: 'credits', currency_digits: 2 }, 'en')).toBe('1.50 credits');
  });

  it('signs what moved', () => {
    expect(formatSignedMoney(500, euro, 'en')).toBe('+€5.00');
    expect(formatSignedMoney(-500, euro, 'en')).toBe('\u2212€5.00');
    expect(formatSignedMoney(0, euro, 'en')).toBe('€0.00');
  });

  it('places the decimal point by text, not by division', () => {
    expect(decimalText(7, 2)).toBe('0.07');
    expect(decimalText(-7, 3)).toBe('-0.007');
    expect(decimalText(7, 0)).toBe('7');
  });
});

describe('sizes and times', () => {
  it.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1000, '1 kB'],
    [999_600, '1 MB'],
    [3_840_000_000, '3.84 GB'],
  ])('%i bytes are %s', (bytes, text) => {
    expect(plain(formatBytes(bytes, 'en'))).toBe(text);
  });

  it('shows a place in a film', () => {
    expect([0, 59.9, 60, 3723].map(formatClock)).toEqual(['0:00', '0:59', '1:00', '1:02:03']);
  });

  it('shows the length of a film', () => {
    expect([12, 59.6, 3600, 5100].map((seconds) => formatDuration(seconds))).toEqual([
      '12s',
      '1m',
      '1h',
      '1h 25m',
    ]);
  });

  it('says how long ago, and the date when it is long', () => {
    const now = Date.parse('2026-03-10T12:00:00Z');
    expect(formatAgo('2026-03-10T11:59:40Z', now, 'en')).toBe('now');
    expect(formatAgo('2026-03-10T09:30:00Z', now, 'en')).toBe('2 hours ago');
    expect(formatAgo('2026-03-09T11:00:00Z', now, 'en')).toBe('yesterday');
    expect(formatAgo('2026-01-02T12:00:00Z', now, 'en')).toBe('Jan 2, 2026');
  });
});

describe('a moment in a list', () => {
  const now = new Date(2026, 2, 5, 18, 0);

  it.each([
    [new Date(2026, 2, 5, 9, 5), '9:05 AM'],
    [new Date(2026, 2, 4, 23, 0), 'Wed'],
    [new Date(2026, 1, 20, 9, 0), 'Feb 20'],
    [new Date(2025, 11, 31, 9, 0), 'Dec 31, 2025'],
  ])('%s is %s', (at, text) => {
    expect(plain(formatWhen(at.toISOString(), now, 'en'))).toBe(text);
  });
});
