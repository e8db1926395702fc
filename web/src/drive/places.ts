import { api, call } from '../api/client';
import type { Entry } from '../api/types';
import { pathSteps } from './entries';

/** One step of the way to a folder. */
export interface Crumb {
  id: string;
  name: string;
  path: string;
}

/** The root of somebody's drive: its id is that of the account. */
export function rootOf(accountId: string): Entry {
  return {
    id: accountId,
    parent_id: null,
    name: '',
    path: '/',
    kind: 'folder',
    size: 0,
    created_at: '',
    modified_at: '',
    etag: '',
  };
}

/** A folder by its id. */
export function readFolder(id: string, signal: AbortSignal): Promise<Entry> {
  return call(api.GET('/api/v1/drive/entries/{id}', { params: { path: { id } }, signal }));
}

const known = new Map<string, Crumb>();

/** The folders above one, outermost first, and itself. What was asked before is not asked again. */
export async function crumbsOf(folder: Entry): Promise<Crumb[]> {
  known.set(folder.path, folder);
  const steps = pathSteps(folder.path);
  return Promise.all(steps.map((path) => (path === folder.path ? folder : crumbAt(path))));
}

async function crumbAt(path: string): Promise<Crumb> {
  const kept = known.get(path);
  if (kept) return kept;
  const entry = await call(api.GET('/api/v1/drive/entry', { params: { query: { path } } }));
  known.set(path, entry);
  return entry;
}

/** A path may lead to another folder after any change. */
export function forgetPlaces(): void {
  known.clear();
}
