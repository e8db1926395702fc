/** What shall be uploaded: files with the folders they are in, and folders that must be there, empty ones too. */
export interface Plan {
  files: { file: File; path: string }[];
  /** Below the target, without a leading slash, each after the one that holds it. */
  folders: string[];
}

/** The files of a picker; one for folders says where each file was. */
export function planOfFiles(files: Iterable<File>): Plan {
  const plan: Plan = { files: [], folders: [] };
  for (const file of files) plan.files.push({ file, path: file.webkitRelativePath || file.name });
  plan.folders = foldersOf(plan.files.map(({ path }) => path));
  return plan;
}

/**
 * What was dropped on the page. The entries must be taken before the event ends, so this reads them at once and walks
 * the folders afterwards.
 */
export function takeDropped(data: DataTransfer): () => Promise<Plan> {
  const entries: FileSystemEntry[] = [];
  const loose: File[] = [];
  for (const item of data.items) {
    if (item.kind !== 'file') continue;
    const entry = item.webkitGetAsEntry();
    const file = entry ? null : item.getAsFile();
    if (entry) entries.push(entry);
    else if (file) loose.push(file);
  }
  return async () => {
    const plan = await planOfEntries(entries);
    for (const file of loose) plan.files.push({ file, path: file.name });
    return plan;
  };
}

export async function planOfEntries(entries: readonly FileSystemEntry[]): Promise<Plan> {
  const plan: Plan = { files: [], folders: [] };
  const queue = entries.map((entry) => ({ entry, path: entry.name }));
  for (let next = queue.shift(); next; next = queue.shift()) {
    const { entry, path } = next;
    if (entry.isDirectory) {
      plan.folders.push(path);
      for (const child of await readFolder(entry as FileSystemDirectoryEntry)) {
        queue.push({ entry: child, path: `${path}/${child.name}` });
      }
    } else {
      plan.files.push({ file: await readFile(entry as FileSystemFileEntry), path });
    }
  }
  return plan;
}

/** `a/b/c.txt` -> `a`, `a/b`; each once, outer ones first. */
export function foldersOf(paths: readonly string[]): string[] {
  const found = new Set<string>();
  for (const path of paths) {
    const names = path.split('/').slice(0, -1);
    names.forEach((_, index) => found.add(names.slice(0, index + 1).join('/')));
  }
  return [...found].sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1));
}

/** The same folders, in groups that may be made side by side: no group holds a folder of one of its own. */
export function byDepth(folders: readonly string[]): string[][] {
  const levels = new Map<number, string[]>();
  for (const folder of folders) levels.set(depth(folder), [...(levels.get(depth(folder)) ?? []), folder]);
  return [...levels].sort(([a], [b]) => a - b).map(([, level]) => level);
}

function depth(path: string): number {
  return path.split('/').length;
}

/** A folder is given in portions; an empty one is the last. */
async function readFolder(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const found: FileSystemEntry[] = [];
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail));
    if (portion.length === 0) return found;
    found.push(...portion);
  }
}

function readFile(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((done, fail) => entry.file(done, fail));
}
