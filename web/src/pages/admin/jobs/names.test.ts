import { describe, expect, it } from 'vitest';
import type { Job } from '../../../api/types';
import { canCancel, canRetry, nameOf } from './names';

const named = (kind: string, payload: string | null) => nameOf({ kind, payload } as Job);

describe('the name of a job', () => {
  it('says which rendition it makes', () => {
    expect(named('rendition', '720p')).toBe('Rendition 720p');
    expect(named('rendition', null)).toBe('Rendition');
  });

  it('keeps what is for the house alone to itself', () => {
    expect(named('poster', '{"at":4}')).toBe('Poster');
  });

  it('shows a kind that it does not know as it is', () => {
    expect(named('astonish', null)).toBe('astonish');
  });
});

describe('what can be done with a job', () => {
  it.each([
    ['waiting', 0, false, true],
    ['waiting', 1, true, true],
    ['running', 1, false, true],
    ['failed', 3, true, false],
    ['cancelled', 1, true, false],
    ['done', 1, false, false],
  ] as const)('%s after %i attempts', (state, attempts, again, stop) => {
    expect(canRetry({ state, attempts })).toBe(again);
    expect(canCancel({ state })).toBe(stop);
  });
});
