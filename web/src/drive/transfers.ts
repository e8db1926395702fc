import { api, call } from '../api/client';
import { session } from '../app/session.svelte';
import { KeptUploads } from '../uploads/kept';
import { endUpload } from '../uploads/tus';
import { ensureFolder, renewUse } from './acts';
import { isFolderKept, putEverywhere, renewFolder } from './list.svelte';
import { questions } from './questions.svelte';
import { sendFile } from './sending';
import { Uploads } from './uploads.svelte';

const GATHER_MS = 400;
const FEW = 6;

let arrivals: string[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;

/** New entries are shown as they come; when many come at once, their folder is read instead. */
function arrived(entryId: string | null): void {
  renewUse();
  if (!entryId) return;
  arrivals.push(entryId);
  timer ??= setTimeout(() => void show(), GATHER_MS);
}

async function show(): Promise<void> {
  const ids = arrivals;
  [arrivals, timer] = [[], undefined];
  const asked = ids.length > FEW ? ids.slice(-1) : ids;
  for (const id of asked) {
    const entry = await call(api.GET('/api/v1/drive/entries/{id}', { params: { path: { id } } })).catch(
      () => null,
    );
    if (!entry?.parent_id || !isFolderKept(entry.parent_id)) continue;
    if (ids.length > FEW) renewFolder(entry.parent_id);
    else putEverywhere(entry);
  }
}

export const uploads = new Uploads({
  send: (sending, hooks) => sendFile(sending, hooks),
  end: (url) => endUpload(url),
  makeFolder: ensureFolder,
  ask: (question, batch) => questions.ask(question, batch),
  arrived: (_, entryId) => arrived(entryId),
  account: () => session.me?.id,
  kept: new KeptUploads('drive'),
  now: () => Date.now(),
});
