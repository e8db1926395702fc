import { describe, expect, it } from 'vitest';
import { continueWith, isContinued } from './continuing';

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
