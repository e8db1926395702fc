import { describe, expect, it } from 'vitest';
import { commandFor, stepRate, type Command, type Focus } from './keys';

const stroke = (key: string, modifier = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...modifier,
});

describe('a key', () => {
  it.each<[string, Focus, Command | null]>([
    [' ', 'page', 'toggle'],
    [' ', 'player', 'toggle'],
    [' ', 'button', null],
    ['Enter', 'button', null],
    ['ArrowLeft', 'page', 'back'],
    ['ArrowUp', 'page', null],
    ['ArrowUp', 'player', 'louder'],
    ['ArrowDown', 'choice', null],
    ['f', 'page', 'fullScreen'],
    ['F', 'page', 'fullScreen'],
    ['m', 'button', 'mute'],
    ['c', 'player', 'subtitles'],
    ['<', 'page', 'slower'],
    ['>', 'page', 'faster'],
    ['5', 'page', { part: 0.5 }],
    ['f', 'elsewhere', null],
    ['x', 'page', null],
  ])('%j with the focus on the %s', (key, focus, command) => {
    expect(commandFor(stroke(key), focus)).toEqual(command);
  });

  it.each(['ctrlKey', 'metaKey', 'altKey'])('with %s is the browser’s', (modifier) => {
    expect(commandFor(stroke('f', { [modifier]: true }), 'player')).toBeNull();
  });
});

describe('the speed', () => {
  it.each([
    [1, 1, 1.25],
    [1, -1, 0.75],
    [2, 1, 2],
    [0.5, -1, 0.5],
    [3, 1, 2],
    [1.1, 1, 1.5],
  ] as const)('%d goes by %d to %d', (rate, step, next) => {
    expect(stepRate(rate, step)).toBe(next);
  });
});
