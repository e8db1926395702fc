import { describe, expect, it } from 'vitest';
import { continueWith, isContinued, screenOf } from './continuing';

describe('the film that begins by itself', () => {
  it('is the one that was asked for, once', () => {
    expect(isContinued('a')).toBe(false);
    continueWith('a');
    expect(isContinued('a')).toBe(true);
    expect(isContinued('a')).toBe(false);
  });

  it('is none when another film was opened instead', () => {
    continueWith('a');
    expect(isContinued('b')).toBe(false);
    expect(isContinued('a')).toBe(false);
  });
});

describe('the screen of a film', () => {
  it('is kept by the film that continues, and by no other', () => {
    const first = screenOf('a');
    expect(screenOf('a')).toBe(first);
    continueWith('b');
    expect(screenOf('b')).toBe(first);
    expect(isContinued('b')).toBe(true);
    expect(screenOf('b')).toBe(first);
    expect(screenOf('a')).not.toBe(first);
  });
});
