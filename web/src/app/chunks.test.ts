import { describe, expect, it } from 'vitest';
import { fileOf, SHARED } from './chunks';

/** What imports what; */
const GRAPH: Record<string, string[]> = {
  '/web/src/main.ts': ['/web/src/App.svelte'],
  '/web/src/App.svelte': ['/web/src/i18n/index.ts', '/web/src/app/router.svelte.ts'],
  '/web/src/i18n/index.ts': ['/web/src/App.svelte'],
  '/web/src/rooms/start.svelte.ts': ['/web/src/app/router.svelte.ts', '/web/src/rooms/house.svelte.ts'],
};
const context = { getModuleInfo: (id: string) => ({ importedIds: GRAPH[id] ?? [] }) } as never;

describe('the files of the client', () => {
  it('are one for what it begins with, one for the live connection, and the pages', () => {
    const of = fileOf('/web');
    expect(of('/web/src/app/router.svelte.ts', context)).toBe('first');
    expect(of('/web/src/i18n/index.ts', context)).toBe('first');
    expect(of('/web/src/rooms/house.svelte.ts', context)).toBe('live');
    expect(of('/web/src/rooms/start.svelte.ts', context)).toBeNull();
    expect(of('/web/src/pages/Drive.svelte', context)).toBeNull();
  });

  it('share what is small, not what one area needs', () => {
    expect(SHARED.test('/web/src/components/Dialog.svelte')).toBe(true);
    expect(SHARED.test('/web/node_modules/@lucide/svelte/dist/icons/x.svelte')).toBe(true);
    expect(SHARED.test('/web/src/pages/drive/SelectionBar.svelte')).toBe(false);
  });
});
