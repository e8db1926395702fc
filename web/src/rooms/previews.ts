import { api, call } from '../api/client';
import type { Film } from '../api/types';

/** A shared file or folder, as far as a card shows it. `locked`: it asks for a password first. */
export type SharedFile =
  | { state: 'open'; name: string; kind: 'file' | 'folder'; size: number }
  | { state: 'locked' }
  | { state: 'gone' };

const films = new Map<string, Promise<Film | null>>();
const files = new Map<string, Promise<SharedFile>>();

/** The film of a link; `null` when the reader may not see it, or it is gone. Asked for once. */
export function filmOf(id: string): Promise<Film | null> {
  return once(films, id, () =>
    call(api.GET('/api/v1/movies/{id}', { params: { path: { id } } })).catch(() => null),
  );
}

export function fileOf(token: string): Promise<SharedFile> {
  return once(files, token, async () => {
    const address = `/s/${encodeURIComponent(token)}`;
    const answer = await fetch(address, { headers: { Accept: 'application/json' } }).catch(() => null);
    if (answer?.status === 401) return { state: 'locked' };
    if (!answer?.ok) return { state: 'gone' };
    const { name, kind, size } = (await answer.json()) as Extract<SharedFile, { state: 'open' }>;
    return { state: 'open', name, kind, size };
  });
}

function once<Value>(
  known: Map<string, Promise<Value>>,
  id: string,
  ask: () => Promise<Value>,
): Promise<Value> {
  const asked = known.get(id) ?? ask();
  known.set(id, asked);
  return asked;
}
