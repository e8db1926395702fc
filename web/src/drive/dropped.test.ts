import { describe, expect, it } from 'vitest';
import { byDepth, foldersOf, planOfEntries, planOfFiles } from './dropped';

const asFile = (name: string) => new File(['x'], name);
const fileEntry = (name: string) =>
  ({
    name,
    isDirectory: false,
    isFile: true,
    file: (done: (file: File) => void) => done(asFile(name)),
  }) as never;

/** A folder that gives its children two at a time, as browsers do a hundred at a time. */
const folderEntry = (name: string, children: unknown[]) =>
  ({
    name,
    isDirectory: true,
    isFile: false,
    createReader: () => {
      const left = [...children];
      return { readEntries: (done: (entries: unknown[]) => void) => done(left.splice(0, 2)) };
    },
  }) as never;

describe('what was dropped', () => {
  it('is walked to the end, with empty folders', async () => {
    const tree = folderEntry('Album', [
      fileEntry('1.jpg'),
      fileEntry('2.jpg'),
      fileEntry('3.jpg'),
      folderEntry('Raw', [fileEntry('a.raw')]),
      folderEntry('Empty', []),
    ]);
    const plan = await planOfEntries([fileEntry('note.txt'), tree]);
    expect(plan.files.map(({ path }) => path)).toEqual([
      'note.txt',
      'Album/1.jpg',
      'Album/2.jpg',
      'Album/3.jpg',
      'Album/Raw/a.raw',
    ]);
    expect(plan.folders).toEqual(['Album', 'Album/Raw', 'Album/Empty']);
  });

  it('fails as a whole when something cannot be read', async () => {
    const broken = {
      name: 'x',
      isDirectory: false,
      file: (_: unknown, fail: (e: Error) => void) => fail(new Error()),
    };
    await expect(planOfEntries([broken as never])).rejects.toThrow();
  });
});

describe('what was picked', () => {
  it('keeps the folders it was in', () => {
    const inFolder = Object.defineProperty(asFile('c.txt'), 'webkitRelativePath', { value: 'a/b/c.txt' });
    expect(planOfFiles([inFolder])).toEqual({
      files: [{ file: inFolder, path: 'a/b/c.txt' }],
      folders: ['a', 'a/b'],
    });
    expect(planOfFiles([asFile('x')]).folders).toEqual([]);
  });

  it('makes outer folders before inner ones', () => {
    const folders = foldersOf(['a/b/c/1', 'd/1', 'a/2', '3']);
    expect(folders).toEqual(['a', 'd', 'a/b', 'a/b/c']);
    expect(byDepth(folders)).toEqual([['a', 'd'], ['a/b'], ['a/b/c']]);
  });
});
