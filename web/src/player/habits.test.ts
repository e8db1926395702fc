import { describe, expect, it } from 'vitest';
import { keepHabits, readHabits, trackFor } from './habits';

function box(text: string | null = null) {
  let kept = text;
  return { getItem: () => kept, setItem: (_: string, value: string) => (kept = value) };
}

describe('habits', () => {
  it('are kept, each for itself', () => {
    const keep = box();
    keepHabits({ volume: 0.4 }, keep);
    keepHabits({ rate: 1.5, subtitles: '' }, keep);
    expect(readHabits(keep)).toEqual({
      volume: 0.4,
      isMuted: false,
      rate: 1.5,
      quality: 0,
      subtitles: '',
      sound: '',
    });
  });

  it.each([
    'nonsense',
    'null',
    '7',
    '{"volume": 9, "rate": "fast", "quality": -1, "subtitles": 3, "sound": 4}',
  ])('that make no sense (%s) are those of a new reader', (text) => {
    expect(readHabits(box(text))).toEqual({
      volume: 1,
      isMuted: false,
      rate: 1,
      quality: 0,
      subtitles: null,
      sound: '',
    });
  });

  it('that cannot be kept do no harm', () => {
    const full = {
      getItem: () => null,
      setItem: () => {
        throw new Error('full');
      },
    };
    expect(() => keepHabits({ volume: 0 }, full)).not.toThrow();
  });
});

describe('the subtitles', () => {
  it.each([
    [['en', 'zh-Hans'], 'zh-Hans', 1],
    [['en', 'zh-Hans'], 'zh', 1],
    [['en-GB'], 'en', 0],
    [['en'], 'fr', -1],
    [['en'], '', -1],
    [['en'], null, -1],
  ])('of %j for %j are number %d', (languages, chosen, index) => {
    expect(trackFor(languages, chosen)).toBe(index);
  });
});
