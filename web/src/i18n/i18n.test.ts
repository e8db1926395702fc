import { describe, expect, it } from 'vitest';
import { languageFrom, localeFor } from './language.svelte';

type Tree = Record<string, unknown>;

const catalogues = {
  ...import.meta.glob<Record<string, Tree>>('./{en,zh}.ts', { eager: true }),
  ...import.meta.glob<Record<string, Tree>>('./*/{en,zh}.ts', { eager: true }),
};
const sources = import.meta.glob<string>(['../**/*.{svelte,ts}', '!../i18n/**', '!../**/*.test.ts'], {
  eager: true,
  query: '?raw',
  import: 'default',
});
const code = Object.values(sources)
  .join('\n')
  .replace(/\s*\n\s*\./g, '.');

/** What has no Chinese form: names, and what is the same in every language. */
const SAME = ['Playhouse', 'VIP', 'WebDAV', 'FTP', 'BLAKE3', 'SHA-256', 'Markdown'];

/** `./admin/en.ts` is read as `tAdmin`, `./en.ts` as `t`. */
function areas(): { name: string; en: Tree; zh: Tree }[] {
  return Object.keys(catalogues)
    .filter((path) => path.endsWith('/en.ts'))
    .map((path) => {
      const folder = path.split('/').at(-2) ?? '.';
      const name = folder === '.' ? 't' : `t${folder.slice(0, 1).toUpperCase()}${folder.slice(1)}`;
      const en = catalogues[path]?.en ?? {};
      const zh = catalogues[path.replace('/en.ts', '/zh.ts')]?.zh ?? {};
      return { name, en, zh };
    });
}

/** Every string and function of a catalogue by its dotted key. */
function leaves(tree: Tree, prefix = ''): [string, unknown][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    value !== null && typeof value === 'object'
      ? leaves(value as Tree, `${prefix}${key}.`)
      : [[`${prefix}${key}`, value] as [string, unknown]],
  );
}

/** What a string says, with numbers and words put in where it is a function. */
function said(value: unknown): string {
  return typeof value === 'function' ? String(value(2, 3, 4, 5)) : String(value);
}

/** Whether a key is written out in the code, or one of the tables it stands in is looked up or handed on whole. */
function isUsed(name: string, key: string): boolean {
  const parts = key.split('.');
  return parts.some((_, index) => {
    const path = [name, ...parts.slice(0, index + 1)].join('\\.');
    const end = index === parts.length - 1 ? '(?![\\w$])' : '(?![\\w$.])';
    return new RegExp(`(?<![\\w$.])${path}${end}`).test(code);
  });
}

describe.each(areas())('the strings of $name', ({ name, en, zh }) => {
  it('are the same in every language, none missing and none too many', () => {
    const shape = (tree: Tree) => leaves(tree).map(([key, value]) => `${key}: ${typeof value}`);
    expect(shape(en).length).toBeGreaterThan(0);
    expect(shape(zh).sort()).toEqual(shape(en).sort());
  });

  it('say something', () => {
    for (const [key, value] of [...leaves(en), ...leaves(zh)]) {
      expect(said(value).trim(), key).not.toBe('');
      expect(said(value), key).not.toMatch(/undefined|\[object/);
    }
  });

  it('are Chinese in Chinese, and not in English', () => {
    const han = /\p{Script=Han}/u;
    const foreign = leaves(zh).filter(([, value]) => !han.test(said(value)) && !SAME.includes(said(value)));
    expect(foreign.map(([key]) => key)).toEqual([]);
    expect(leaves(en).filter(([, value]) => han.test(said(value)))).toEqual([]);
  });

  it('are all used', () => {
    const unused = leaves(en).filter(([key]) => !isUsed(name, key));
    expect(unused.map(([key]) => key)).toEqual([]);
  });
});

describe('the language at the first visit', () => {
  it.each([
    [['zh-CN', 'en'], 'zh'],
    [['zh-Hant-TW'], 'zh'],
    [['de-DE', 'zh', 'en'], 'zh'],
    [['en-GB', 'zh'], 'en'],
    [['fr'], 'en'],
    [[], 'en'],
  ])('of somebody who reads %j is %s', (wanted, expected) => {
    expect(languageFrom(wanted)).toBe(expected);
  });

  it('keeps the region of the reader where it fits', () => {
    expect(localeFor('en', ['de-DE', 'en-GB'])).toBe('en-GB');
    expect(localeFor('en', ['zh-CN'])).toBe('en');
    expect(localeFor('zh', ['zh-SG'])).toBe('zh-SG');
    expect(localeFor('zh', ['zh-TW'])).toBe('zh-CN');
    expect(localeFor('zh', ['en'])).toBe('zh-CN');
  });
});
