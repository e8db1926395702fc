import { api, call } from '../api/client';
import type { Comment } from '../api/types';
import type { Pager } from '../app/pager.svelte';

/** Comments and what is done with them. Each throws what the house refuses. */
const at = (id: string) => ({ params: { path: { id } } });

export const readComments =
  (filmId: string, limit = 20) =>
  (cursor: string | undefined, signal: AbortSignal) =>
    call(
      api.GET('/api/v1/movies/{id}/comments', {
        params: { path: { id: filmId }, query: { cursor, limit } },
        signal,
      }),
    );

export function writeComment(filmId: string, text: string): Promise<Comment> {
  return call(api.POST('/api/v1/movies/{id}/comments', { ...at(filmId), body: { text } }));
}

export function changeComment(id: string, text: string): Promise<Comment> {
  return call(api.PATCH('/api/v1/comments/{id}', { ...at(id), body: { text } }));
}

export async function deleteComment(id: string): Promise<void> {
  await call(api.DELETE('/api/v1/comments/{id}', at(id)));
}

/** Asks the house to look at a comment. An empty reason is none. */
export async function reportComment(id: string, reason: string): Promise<void> {
  await call(api.POST('/api/v1/comments/{id}/report', { ...at(id), body: { reason: reason || undefined } }));
}

/** For admins: takes a comment out of the members' sight, or shows it again. */
export async function hideComment(id: string, isHidden: boolean): Promise<void> {
  await call(
    isHidden
      ? api.POST('/api/v1/admin/comments/{id}/hide', at(id))
      : api.POST('/api/v1/admin/comments/{id}/show', at(id)),
  );
}

/** Puts a new one on top of the list, unless a page that was read meanwhile brought it. */
export function putFirst<Item extends { id: string }>(pager: Pager<Item>, item: Item): void {
  pager.items = [item, ...pager.items.filter(({ id }) => id !== item.id)];
}

/** Changes one of the list in place. */
export function putBack<Item extends { id: string }>(
  pager: Pager<Item>,
  id: string,
  changes: Partial<Item>,
): void {
  pager.items = pager.items.map((one) => (one.id === id ? { ...one, ...changes } : one));
}

export function takeOut<Item extends { id: string }>(pager: Pager<Item>, id: string): void {
  pager.items = pager.items.filter((one) => one.id !== id);
}
