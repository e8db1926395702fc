import { api, call } from '../api/client';
import { asProblem, type ApiProblem } from '../api/problem';
import type { Entry } from '../api/types';
import { session } from '../app/session.svelte';
import { toasts } from '../app/toasts.svelte';
import { tDrive } from '../i18n/drive';
import { folderOf, nameOf } from './entries';
import { forgetTrash, putEverywhere, removeEverywhere } from './list.svelte';
import { inParallel } from './pool';
import { Batch, questions, type Question } from './questions.svelte';
import type { Rule } from './sending';

const AT_ONCE = 4;
const MANY = 20;
const USE_AFTER_MS = 700;

type Kind = Question['kind'];
type Act = (entry: Entry, rule: Rule) => Promise<Entry | undefined>;

/** Gives an entry another name; throws the server's problem. */
export async function renameEntry(entry: Entry, name: string): Promise<void> {
  const changed = await change(entry.id, { name });
  putEverywhere(changed);
  offerUndo(tDrive.renamed(changed.name), async () =>
    putEverywhere(await change(entry.id, { name: entry.name })),
  );
}

export async function moveEntries(entries: readonly Entry[], target: Entry): Promise<void> {
  const moving = entries.filter(({ id, parent_id }) => id !== target.id && parent_id !== target.id);
  const done = await doEach(moving, 'move', target.path, async ({ id }, rule) => {
    const moved = await change(id, { parent_id: target.id, on_conflict: rule });
    removeEverywhere([id]);
    return moved;
  });
  for (const { after } of done) if (after) putEverywhere(after);
  const [first] = done;
  if (!first) return;
  offerUndo(tDrive.moved(done.length, first.before.name, target.name || tDrive.root), () =>
    undoEach(
      done.map(({ before }) => before),
      ({ id, parent_id, name }, rule) =>
        change(id, { parent_id: parent_id ?? undefined, name, on_conflict: rule }),
    ),
  );
}

export async function copyEntries(entries: readonly Entry[], target: Entry): Promise<void> {
  const done = await doEach(entries, 'copy', target.path, ({ id, parent_id }, rule) => {
    // A copy beside its source is wanted under another name, and nobody has to be asked.
    const on_conflict = parent_id === target.id ? 'rename' : rule;
    const params = { path: { id } };
    return call(
      api.POST('/api/v1/drive/entries/{id}/copy', { params, body: { parent_id: target.id, on_conflict } }),
    );
  });
  for (const { after } of done) if (after) putEverywhere(after);
  const [first] = done;
  if (first) toasts.show(tDrive.copied(done.length, first.before.name, target.name || tDrive.root), 'good');
  renewUse();
}

export async function trashEntries(entries: readonly Entry[]): Promise<void> {
  const done = await doEach(entries, 'move', null, async ({ id }) => {
    await call(api.DELETE('/api/v1/drive/entries/{id}', { params: { path: { id } } }));
    removeEverywhere([id]);
    return undefined;
  });
  forgetTrash();
  const [first] = done;
  if (!first) return;
  offerUndo(tDrive.trashed(done.length, first.before.name), () =>
    undoEach(
      done.map(({ before }) => before),
      restore,
    ),
  );
}

export async function restoreEntries(entries: readonly Entry[]): Promise<void> {
  const done = await doEach(entries, 'restore', null, async (entry, rule) => {
    const restored = await restore(entry, rule);
    removeEverywhere([entry.id]);
    return restored;
  });
  for (const { after } of done) if (after) putEverywhere(after);
  const [first] = done;
  if (first) toasts.show(tDrive.restored(done.length, first.before.name), 'good');
}

export async function purgeEntries(entries: readonly Entry[]): Promise<void> {
  const done = await doEach(entries, 'move', null, async ({ id }) => {
    await call(api.DELETE('/api/v1/drive/trash/{id}', { params: { path: { id } } }));
    removeEverywhere([id]);
    return undefined;
  });
  const [first] = done;
  if (first) toasts.show(tDrive.purged(done.length, first.before.name), 'good');
  renewUse();
}

/** Makes one new folder; throws the server's problem. */
export async function makeFolder(path: string): Promise<Entry> {
  const folder = await call(api.POST('/api/v1/drive/folders', { body: { path } }));
  putEverywhere(folder);
  return folder;
}

/** Makes sure that a folder is there. One that exists is as good. */
export async function ensureFolder(path: string): Promise<void> {
  try {
    await makeFolder(path);
  } catch (thrown) {
    const problem = asProblem(thrown);
    if (problem.code !== 'name_taken') throw problem;
    const found = await call(api.GET('/api/v1/drive/entry', { params: { query: { path } } }));
    if (found.kind !== 'folder') throw problem;
  }
}

let useTimer: ReturnType<typeof setTimeout> | undefined;

/** The room that is taken has changed: asked for once, however many changes there are. */
export function renewUse(): void {
  clearTimeout(useTimer);
  useTimer = setTimeout(() => void session.refreshQuietly(), USE_AFTER_MS);
}

function change(id: string, body: { name?: string; parent_id?: string; on_conflict?: Rule }): Promise<Entry> {
  return call(api.PATCH('/api/v1/drive/entries/{id}', { params: { path: { id } }, body }));
}

function restore({ id }: Entry, on_conflict: Rule): Promise<Entry> {
  const params = { path: { id }, query: { on_conflict } };
  return call(api.POST('/api/v1/drive/entries/{id}/restore', { params }));
}

interface Done {
  before: Entry;
  after: Entry | undefined;
}

/** Does something with each; asks when a name is taken; says once what did not go well. */
async function doEach(
  entries: readonly Entry[],
  kind: Kind,
  folder: string | null,
  act: Act,
): Promise<Done[]> {
  const [batch, done, failed] = [new Batch(), [] as Done[], [] as ApiProblem[]];
  if (entries.length > MANY) toasts.show(tDrive.working(entries.length));
  await inParallel(entries, AT_ONCE, async (entry) => {
    try {
      const question: Question = {
        name: entry.name,
        folder: folder === null ? nameOf(folderOf(entry.path)) || tDrive.root : nameOf(folder) || tDrive.root,
        kind,
        isOneOfMany: entries.length > 1,
      };
      const result = await withQuestion(question, batch, (rule) => act(entry, rule));
      if (result !== 'skipped') done.push({ before: entry, after: result });
    } catch (thrown) {
      failed.push(asProblem(thrown));
    }
  });
  const [why] = failed;
  if (why) {
    const text =
      entries.length === 1 ? why.message : tDrive.partly(failed.length, entries.length, why.message);
    toasts.show(text, 'bad');
  }
  return done;
}

async function withQuestion<Result>(
  question: Question,
  batch: Batch,
  act: (rule: Rule) => Promise<Result>,
): Promise<Result | 'skipped'> {
  try {
    return await act('fail');
  } catch (thrown) {
    if (asProblem(thrown).code !== 'name_taken') throw thrown;
  }
  const decision = await questions.ask(question, batch);
  return decision === 'skip' ? 'skipped' : act(decision);
}

async function undoEach(entries: readonly Entry[], act: Act): Promise<void> {
  const back = await doEach(entries, 'restore', null, act);
  for (const { after } of back) if (after) putEverywhere(after);
  forgetTrash();
}

function offerUndo(text: string, undo: () => Promise<void>): void {
  const run = async () => {
    try {
      await undo();
      toasts.show(tDrive.undone);
    } catch (thrown) {
      toasts.show(asProblem(thrown).message, 'bad');
    }
  };
  toasts.show(text, 'plain', { label: tDrive.undo, run: () => void run() });
}
