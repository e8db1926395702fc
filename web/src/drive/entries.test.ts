import { describe, expect, it } from 'vitest';
import type { Entry } from '../api/types';
import { entry } from './entry.fixture';
import {
  compareEntries,
  folderOf,
  joinPath,
  lookOf,
  nameOf,
  pathSteps,
  stemLength,
  withEntry,
} from './entries';

const folder = (name: string) => entry(name, { kind: 'folder', size: 0 });
const names = (items: Entry[]) => items.map(({ name }) => name);

describe('the order of a folder', () => {
  it('puts folders first, then names without regard to case', () => {
    const mixed = [entry('b'), folder('z'), entry('A'), folder('C')];
    expect(names(mixed.sort(compareEntries('name')))).toEqual(['C', 'z', 'A', 'b']);
  });

  it('puts the newest and the largest first', () => {
    const old = entry('old', { size: 9 });
    const young = entry('young', { modified_at: '2026-02-01T00:00:00Z' });
    expect(names([old, young].sort(compareEntries('modified')))).toEqual(['young', 'old']);
    expect(names([young, old].sort(compareEntries('size')))).toEqual(['old', 'young']);
  });
});

describe('an entry that is new or changed', () => {
  const list = [folder('f'), entry('b'), entry('d')];

  it('gets its place', () => {
    expect(names(withEntry(list, entry('c'), 'name', false))).toEqual(['f', 'b', 'c', 'd']);
    expect(names(withEntry(list, folder('a'), 'name', true))).toEqual(['a', 'f', 'b', 'd']);
  });

  it('moves when it has another name now, and is there once', () => {
    const renamed = { ...entry('b'), name: 'x' };
    expect(names(withEntry(list, renamed, 'name', false))).toEqual(['f', 'd', 'x']);
  });

  it('waits for its page when it belongs below what has been read', () => {
    expect(names(withEntry(list, entry('z'), 'name', true))).toEqual(['f', 'b', 'd']);
    expect(names(withEntry(list, entry('z'), 'name', false))).toEqual(['f', 'b', 'd', 'z']);
  });
});

describe('paths', () => {
  it('are joined and taken apart', () => {
    expect(joinPath('/', 'a')).toBe('/a');
    expect(joinPath('/a/b', 'c.txt')).toBe('/a/b/c.txt');
    expect(folderOf('/a/b/c.txt')).toBe('/a/b');
    expect(folderOf('/c.txt')).toBe('/');
    expect(nameOf('/a/b')).toBe('b');
    expect(pathSteps('/a/b')).toEqual(['/a', '/a/b']);
    expect(pathSteps('/')).toEqual([]);
  });

  it('a rename selects the name without its ending', () => {
    expect(stemLength('film.mp4')).toBe(4);
    expect(stemLength('.profile')).toBe(8);
    expect(stemLength('archive.tar.gz')).toBe(11);
  });
});

describe('the look of a file', () => {
  it.each([
    ['image/png', 'image'],
    ['image/svg+xml', 'other'],
    ['text/html', 'text'],
    ['text/plain; charset=utf-8', 'text'],
    ['application/json', 'text'],
    ['application/pdf', 'pdf'],
    ['application/zip', 'archive'],
    ['application/octet-stream', 'other'],
  ])('%s is %s', (content_type, look) => {
    expect(lookOf({ kind: 'file', content_type })).toBe(look);
  });
});
