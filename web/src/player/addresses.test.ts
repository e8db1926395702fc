import { describe, expect, it } from 'vitest';
import { Addresses, isOver, renewIn } from './addresses';

const OLD = 'http://house.test/media/old/film/master.m3u8';
const NEW = 'http://house.test/media/new/film/master.m3u8';

describe('the addresses of a film', () => {
  it('lead to where the film is now, however old they are', () => {
    const addresses = new Addresses(OLD);
    const segment = 'http://house.test/media/old/film/720p/media.mp4';
    expect(addresses.now(segment)).toBe(segment);
    addresses.renew(NEW);
    expect(addresses.now(segment)).toBe('http://house.test/media/new/film/720p/media.mp4');
    addresses.renew('http://house.test/media/newest/film/master.m3u8');
    expect(addresses.now(segment)).toBe('http://house.test/media/newest/film/720p/media.mp4');
    expect(addresses.now(NEW)).toBe('http://house.test/media/newest/film/master.m3u8');
  });

  it('of something else stay as they are', () => {
    const addresses = new Addresses(OLD);
    addresses.renew(NEW);
    expect(addresses.now('http://house.test/media/old/other/a.mp4')).toBe(
      'http://house.test/media/old/other/a.mp4',
    );
  });

  it('given twice are the same', () => {
    const addresses = new Addresses(OLD);
    addresses.renew(OLD);
    expect(addresses.now(OLD)).toBe(OLD);
  });
});

describe('renewing them', () => {
  const now = Date.parse('2026-05-01T10:00:00Z');

  it.each([
    ['four hours', '2026-05-01T14:00:00Z', 216 * 60_000],
    ['three minutes', '2026-05-01T10:03:00Z', 135_000],
    ['a minute', '2026-05-01T10:01:00Z', 60_000],
    ['nothing', '2026-05-01T09:00:00Z', 60_000],
    ['something unreadable', 'soon', 60_000],
    ['years', '2036-05-01T10:00:00Z', 2 ** 31 - 1],
  ])('when %s is left comes in time and without haste', (_, expires, wait) => {
    expect(renewIn(expires, now)).toBe(wait);
  });

  it('is too late when they have ended', () => {
    expect(isOver('2026-05-01T10:00:04Z', now)).toBe(true);
    expect(isOver('2026-05-01T10:01:00Z', now)).toBe(false);
  });
});
