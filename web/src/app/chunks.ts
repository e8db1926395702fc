import type { Rolldown } from 'vite';

type Context = Parameters<Extract<Rolldown.CodeSplittingGroup['name'], (...args: never[]) => unknown>>[1];

/** What the pages share: everything small that more than one of them uses. */
export const SHARED = /\/@lucide\/|\/src\/(components|app|api)\/|\/pages\/rooms\/Face|\/rooms\/text/;

/** All that a module imports, and what that imports, without what is loaded later. */
function reach(id: string, context: Context, found = new Set<string>()): Set<string> {
  for (const one of context.getModuleInfo(id)?.importedIds ?? []) {
    if (found.has(one)) continue;
    found.add(one);
    reach(one, context, found);
  }
  return found;
}

/**
 * Says which file a module goes into. Left alone the bundler makes a file for every set of pages that share something, and a room
 * began with thirty: on a slow line each is a way to the house and back. So there are three files besides those of the pages:
 * what the client begins with, what the live connection needs, and what pages share.
 */
export function fileOf(root: string): (id: string, context: Context) => string | null {
  let first: Set<string> | undefined;
  let live: Set<string> | undefined;
  return (id, context) => {
    first ??= reach(`${root}/src/main.ts`, context);
    live ??= reach(`${root}/src/rooms/start.svelte.ts`, context);
    if (first.has(id)) return 'first';
    if (live.has(id)) return 'live';
    return null;
  };
}
