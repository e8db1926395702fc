import { expect, it } from 'vitest';
import { titleFrom } from './titles';

it.each([
  ['the_long.night-1080p.mp4', 'The long night 1080p'],
  ['长夜.mkv', '长夜'],
  ['Film', 'Film'],
  ['___.mp4', '___.mp4'],
  ['.mp4', '.mp4'],
])('%s becomes %s', (name, title) => {
  expect(titleFrom(name)).toBe(title);
});
