/**
 * What the server may say by a word of its own has a text in every language. The words are read from the server's sources
 * and from the types made of its document, so that a new one fails here until it is translated.
 */
import { describe, expect, it } from 'vitest';
import schema from '../api/schema.d.ts?raw';
import live from '../live/frames.ts?raw';
import { en as adminEn } from './admin/en';
import { zh as adminZh } from './admin/zh';
import { en } from './en';
import { zh as refusalsZh } from './refusals/zh';
import { en as roomsEn } from './rooms/en';
import { zh as roomsZh } from './rooms/zh';
import { zh } from './zh';

const rust = import.meta.glob<string>(['../../../src/**/*.rs', '../../../api/src/**/*.rs'], {
  eager: true,
  query: '?raw',
  import: 'default',
});

/** Each file without comments and without its tests, by its path. */
const files = Object.entries(rust).map(([path, text]) => ({
  path,
  text: (text.split('#[cfg(test)]')[0] ?? '').replace(/^\s*\/\/.*$/gm, ''),
}));

function all(pattern: RegExp, text: string): string[] {
  return [...text.matchAll(pattern)].map(([, found]) => found ?? '');
}

/** The words of a string enum in the server's document. */
function wordsOf(name: string): string[] {
  const line = new RegExp(`^\\s+${name}: ("[^;]+);$`, 'm').exec(schema)?.[1] ?? '';
  return all(/"(\w+)"/g, line);
}

/** `kind.verb` of every action that is written into the audit log. */
function actions(): string[] {
  const isAction = /"([a-z]+\.[a-z_]+)"/g;
  // What webhooks are told has names of the same form.
  const sources = files.filter(({ path }) => !path.endsWith('/api/src/webhooks.rs'));
  const writing = sources.filter(({ text }) => text.includes('audit::record'));
  const kinds = new Set(writing.flatMap(({ text }) => all(isAction, text)).map((one) => one.split('.')[0]));
  // Some slices hand the name to the function that writes it.
  for (const key of Object.keys(adminEn.audit.actions)) kinds.add(key.split('_')[0]);
  const found = sources
    .flatMap(({ text }) => all(isAction, text))
    .filter((one) => kinds.has(one.split('.')[0]));
  return [...new Set(found)].map((one) => one.replace('.', '_'));
}

/** The kind of every job that has a handler. */
function jobKinds(): string[] {
  return files.flatMap(({ path, text }) =>
    all(/\.on\(\s*((?:\w+::)*[A-Z_]+)\s*,/g, text).map((name) => {
      const [constant = '', module] = name.split('::').reverse();
      const declared = new RegExp(`const ${constant}: &str = "(\\w+)"`);
      const near = files.filter((one) => (module ? one.path.endsWith(`/${module}.rs`) : one.path === path));
      const where = [...near, ...files].find((one) => declared.test(one.text));
      return declared.exec(where?.text ?? '')?.[1] ?? `${name}?`;
    }),
  );
}

/** The sections of the configuration. */
function sections(): string[] {
  const config = files.find(({ path }) => path.endsWith('/src/config/mod.rs'))?.text ?? '';
  return [...all(/^ {4}pub (\w+): \w+Config,/gm, config), 'general'];
}

/** The pushes of the live connection. */
function pushes(): string[] {
  const text = files.find(({ path }) => path.endsWith('/api/src/events.rs'))?.text ?? '';
  const body = /pub enum Event \{([^}]+)\}/.exec(text)?.[1] ?? '';
  return all(/^\s+([A-Z]\w+)/gm, body).map((name) => name.replace(/(?<!^)[A-Z]/g, '_$&').toLowerCase());
}

const keys = (table: object) => Object.keys(table).sort();

describe.each([
  ['the audit log', actions, [adminEn.audit.actions, adminZh.audit.actions], 30],
  ['jobs', jobKinds, [adminEn.jobs.kinds, adminZh.jobs.kinds], 12],
  ['sections of the configuration', sections, [adminEn.settings.groups, adminZh.settings.groups], 15],
  ['the ledger', () => wordsOf('LedgerKind'), [en.wallet.kinds, zh.wallet.kinds], 5],
  ['downloads', () => wordsOf('DownloadState'), [en.records.states, zh.records.states], 7],
  ['refusals', () => wordsOf('ErrorCode'), [refusalsZh.codes], 50],
  ['faults of fields', () => wordsOf('FieldCode'), [refusalsZh.fields], 8],
] as const)('the words of %s', (_name, words, tables, least) => {
  it('all have a text in both languages, and no text is left over', () => {
    const said = [...new Set(words())].sort();
    expect(said.length).toBeGreaterThanOrEqual(least);
    for (const table of tables) expect(keys(table)).toEqual(said);
  });
});

describe('events', () => {
  it('of the live connection are all known by name', () => {
    const known = all(/^ {2}(\w+):/gm, /interface Pushes \{([\s\S]+?)\n\}/.exec(live)?.[1] ?? '');
    expect(pushes().length).toBeGreaterThan(10);
    expect(known.sort()).toEqual(pushes().sort());
  });

  it('of a room are all told in a sentence, but those that change a message', () => {
    const silent = ['message', 'edit', 'delete', 'reaction'];
    const told = wordsOf('EventKind').filter((kind) => !silent.includes(kind));
    expect(told.length).toBeGreaterThan(5);
    for (const { happened } of [roomsEn, roomsZh])
      expect(Object.keys(happened)).toEqual(expect.arrayContaining(told));
  });
});
