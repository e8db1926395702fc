import type { Entry } from '../api/types';

/** An entry for tests. */
export function entry(name: string, changes: Partial<Entry> = {}): Entry {
  return {
    id: name,
    parent_id: 'root',
    name,
    path: `/${name}`,
    kind: 'file',
    size: 1,
    created_at: '2026-01-01T00:00:00Z',
    modified_at: '2026-01-01T00:00:00Z',
    etag: '"1"',
    ...changes,
  };
}
