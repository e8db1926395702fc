import type { Entry } from '../api/types';

export const ENTRY_SORTS = ['name', 'modified', 'size'] as const;
export type EntrySort = (typeof ENTRY_SORTS)[number];

/** What a file is to somebody who looks at it. */
export type Look = 'folder' | 'image' | 'video' | 'audio' | 'pdf' | 'text' | 'archive' | 'other';

export function isFolder(entry: Pick<Entry, 'kind'>): boolean {
  return entry.kind === 'folder';
}

const ARCHIVES = /^application\/(zip|gzip|x-(tar|7z-compressed|bzip2|xz|rar-compressed)|vnd\.rar)$/;

export function lookOf(entry: Pick<Entry, 'kind' | 'content_type'>): Look {
  if (entry.kind === 'folder') return 'folder';
  const type = (entry.content_type ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === 'image/svg+xml') return 'other';
  if (type === 'application/pdf') return 'pdf';
  if (ARCHIVES.test(type)) return 'archive';
  const [family] = type.split('/');
  if (family === 'image' || family === 'video' || family === 'audio') return family;
  return isText(type) ? 'text' : 'other';
}

/** Text in the widest sense. It is shown as letters and never interpreted, so markup and code are harmless. */
function isText(type: string): boolean {
  return (
    type.startsWith('text/') ||
    /^application\/(json|toml|yaml|x-yaml|xml|javascript|x-sh|sql|x-ndjson)$/.test(type) ||
    type.endsWith('+json') ||
    type.endsWith('+xml')
  );
}

/** The order of a list, as the server keeps it: see `GET /drive/entries`. */
export function compareEntries(sort: EntrySort): (a: Entry, b: Entry) => number {
  if (sort === 'size') return (a, b) => b.size - a.size || byId(b, a);
  if (sort === 'modified') return (a, b) => compareText(b.modified_at, a.modified_at) || byId(b, a);
  return (a, b) =>
    Number(isFolder(b)) - Number(isFolder(a)) ||
    compareText(a.name.toLowerCase(), b.name.toLowerCase()) ||
    byId(a, b);
}

function byId(a: Entry, b: Entry): number {
  return compareText(a.id, b.id);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Puts an entry where it belongs in a list, taking an older state of it out. When it belongs after the last row and
 * there is more to read, it is left out: it comes with its page.
 */
export function withEntry(items: Entry[], entry: Entry, sort: EntrySort, hasMore: boolean): Entry[] {
  const others = items.filter(({ id }) => id !== entry.id);
  const compare = compareEntries(sort);
  let [low, high] = [0, others.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(others[middle] as Entry, entry) < 0) low = middle + 1;
    else high = middle;
  }
  if (low === others.length && hasMore) return others;
  return [...others.slice(0, low), entry, ...others.slice(low)];
}

/** `/A/B` and `c.txt` -> `/A/B/c.txt`. */
export function joinPath(folder: string, name: string): string {
  return folder === '/' ? `/${name}` : `${folder}/${name}`;
}

/** `/A/B/c.txt` -> `/A/B`; `/c.txt` -> `/`. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** `/A/B` -> `['/A', '/A/B']`: every folder on the way there, without the root. */
export function pathSteps(path: string): string[] {
  const names = path.split('/').filter(Boolean);
  return names.map((_, index) => `/${names.slice(0, index + 1).join('/')}`);
}

/** How many letters of a name come before its ending: what a rename selects first. */
export function stemLength(name: string): number {
  const dot = name.lastIndexOf('.');
  return dot > 0 ? dot : name.length;
}

/** Where the bytes are. `isShown` asks for the sandboxed view of a picture, film, sound, PDF or text. */
export function contentUrl(id: string, isShown = false): string {
  return `/api/v1/drive/entries/${encodeURIComponent(id)}/content${isShown ? '?inline=1' : ''}`;
}
