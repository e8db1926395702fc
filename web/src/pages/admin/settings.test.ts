import { describe, expect, it } from 'vitest';
import type { Setting } from '../../api/types';
import { bytesIn, narrowed, valueText } from './settings';

const setting = (key: string, value: unknown, more: Partial<Setting> = {}): Setting => ({
  key,
  value,
  source: 'default',
  masked: false,
  ...more,
});

const groups = [
  {
    name: 'server',
    settings: [setting('server.listen', '127.0.0.1:8080', { source: 'flag' }), setting('server.workers', 2)],
  },
  { name: 'drive', settings: [setting('drive.webdav', true), setting('drive.quota_bytes', 5_000_000_000)] },
];

describe('settings', () => {
  it.each([
    ['text', 'text'],
    [true, 'true'],
    [12, '12'],
    [['a', 'b'], 'a, b'],
    [{ a: 1 }, '{"a":1}'],
    ['', null],
    [null, null],
    [[], null],
  ])('%j reads as %j', (value, text) => {
    expect(valueText(setting('key', value))).toBe(text);
  });

  it('are sizes when their name says so', () => {
    expect(bytesIn(setting('drive.quota_bytes', 5_000_000_000))).toBe(5_000_000_000);
    expect(bytesIn(setting('drive.quota_bytes', 0))).toBeNull();
    expect(bytesIn(setting('server.workers', 5_000_000_000))).toBeNull();
  });

  it('are found by all words, in name or value, and by whether somebody set them', () => {
    const keys = (words: string, isSetOnly = false) =>
      narrowed(groups, words, isSetOnly).flatMap(({ settings }) => settings.map(({ key }) => key));
    expect(keys('')).toHaveLength(4);
    expect(keys('SERVER 8080')).toEqual(['server.listen']);
    expect(keys('', true)).toEqual(['server.listen']);
    expect(keys('nothing')).toEqual([]);
  });

  it('are not found by a secret', () => {
    const secret = [{ name: 's', settings: [setting('s.key', 'hush', { masked: true })] }];
    expect(narrowed(secret, 'hush', false)).toEqual([]);
  });
});
