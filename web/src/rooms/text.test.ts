import { describe, expect, it } from 'vitest';
import { hitsIn, isOnlyEmoji, lengthOf, nameBeing, partsOf } from './text';

const HOUSE = 'https://house.example';
const parts = (body: string) => partsOf(body, 'Ben', HOUSE);

describe('the text of a message', () => {
  it('stays text, whatever looks like markup', () => {
    expect(parts('<b>hi</b> [x](javascript:alert(1)) javascript:alert(1)')).toEqual([
      { kind: 'text', text: '<b>hi</b> [x](javascript:alert(1)) javascript:alert(1)' },
    ]);
  });

  it('loses nothing: its parts are the text', () => {
    for (const body of [
      '@ben @anna, hi',
      'see https://a.example/x?y=1#z.',
      '(https://a.example/b_(c))',
      '看 https://a.example/片。好',
    ]) {
      expect(
        parts(body)
          .map(({ text }) => text)
          .join(''),
      ).toBe(body);
    }
  });

  it('opens addresses, without the full stop or bracket of the sentence', () => {
    const links = (body: string) => parts(body).flatMap((part) => (part.kind === 'link' ? [part.href] : []));
    expect(links('see https://a.example/x.')).toEqual(['https://a.example/x']);
    expect(links('(see https://a.example/x)')).toEqual(['https://a.example/x']);
    expect(links('https://a.example/b_(c)')).toEqual(['https://a.example/b_(c)']);
    expect(links('看https://a.example/片。好')).toEqual(['https://a.example/%E7%89%87']);
    expect(links('https:// http://')).toEqual([]);
    expect(links('ftp://a.example data:text/html,x')).toEqual([]);
  });

  it('knows what is of this house', () => {
    const [here] = parts(`${HOUSE}/movies/1`);
    const [there] = parts('https://house.example.evil.example/movies/1');
    expect(here).toMatchObject({ kind: 'link', isHere: true });
    expect(there).toMatchObject({ kind: 'link', isHere: false });
  });

  it('shows names as the house finds them', () => {
    const names = (body: string) => parts(body).flatMap((part) => (part.kind === 'name' ? [part.text] : []));
    expect(names('@ann, hi @Bob_1! mail me@example.org @x @@cat')).toEqual(['@ann', '@Bob_1']);
    expect(names(`@${'a'.repeat(33)}`)).toEqual([]);
    expect(names('你好@ann 你好 @ann')).toEqual(['@ann']);
    expect(parts('@BEN')[0]).toMatchObject({ isMe: true });
  });

  it('counts characters as the house does', () => {
    expect(lengthOf('a😀好')).toBe(3);
    expect(lengthOf('')).toBe(0);
  });

  it('is large when it is a few emojis', () => {
    expect(['🎉', '👍🏽 ❤️', '👨‍👩‍👧', '🇫🇷'].map(isOnlyEmoji)).toEqual([true, true, true, true]);
    expect(['', ' ', '1', 'ok 👍', '🎉'.repeat(20)].map(isOnlyEmoji)).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('a name that is being typed', () => {
  it.each([
    ['hi @an', 6, { start: 3, typed: 'an' }],
    ['@', 1, { start: 0, typed: '' }],
    ['hi @an then', 11, null],
    ['me@ex', 5, null],
    ['hi @an', 3, null],
    ['大@an', 4, null],
    ['（@an', 4, { start: 1, typed: 'an' }],
  ])('in %j at %i', (body, cursor, found) => {
    expect(nameBeing(body, cursor)).toEqual(found);
  });
});

describe('hits', () => {
  it('are marked, in any case and any script', () => {
    expect(hitsIn('The Popcorn is salted', 'pop SALT')).toEqual([
      { text: 'The ', isHit: false },
      { text: 'Pop', isHit: true },
      { text: 'corn is ', isHit: false },
      { text: 'salt', isHit: true },
      { text: 'ed', isHit: false },
    ]);
    expect(hitsIn('今晚放电影', '电影').at(-1)).toEqual({ text: '电影', isHit: true });
    expect(hitsIn('a.b', '.')).toHaveLength(3);
  });

  it('are shown with a part of a long text around them', () => {
    const shown = hitsIn(`${'x '.repeat(500)}needle${' y'.repeat(500)}`, 'needle');
    expect(shown.some(({ isHit }) => isHit)).toBe(true);
    expect(shown.map(({ text }) => text).join('').length).toBeLessThan(180);
  });
});
