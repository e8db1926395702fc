import Copy from '@lucide/svelte/icons/copy';
import Download from '@lucide/svelte/icons/download';
import Eye from '@lucide/svelte/icons/eye';
import FolderInput from '@lucide/svelte/icons/folder-input';
import FolderOpen from '@lucide/svelte/icons/folder-open';
import Info from '@lucide/svelte/icons/info';
import Link from '@lucide/svelte/icons/link';
import Pencil from '@lucide/svelte/icons/pencil';
import Trash from '@lucide/svelte/icons/trash';
import type { Entry } from '../api/types';
import type { MenuItem } from '../components/Menu.svelte';
import { tDrive } from '../i18n/drive';
import { saveEntries } from './saving';

/** What the page does itself. */
export interface Doing {
  open: (entry: Entry) => void;
  share: (entry: Entry) => void;
  rename: (entry: Entry) => void;
  move: (entries: readonly Entry[]) => void;
  copy: (entries: readonly Entry[]) => void;
  details: (entry: Entry) => void;
  trash: (entries: readonly Entry[]) => void;
}

/** What can be done with one or more entries, in the order in which it is offered. */
export function actionsFor(entries: readonly Entry[], doing: Doing): MenuItem[] {
  const [first] = entries;
  if (!first) return [];
  const isFolder = first.kind === 'folder';
  const save = () => void saveEntries(entries);
  const many: MenuItem[] = [
    { label: tDrive.move, icon: FolderInput, run: () => doing.move(entries) },
    { label: tDrive.copy, icon: Copy, run: () => doing.copy(entries) },
    { label: tDrive.toTrash, icon: Trash, run: () => doing.trash(entries), isDangerous: true },
  ];
  if (entries.length > 1) return [{ label: tDrive.download, icon: Download, run: save }, ...many];
  const [move, copy, trash] = many as [MenuItem, MenuItem, MenuItem];
  return [
    { label: tDrive.open, icon: isFolder ? FolderOpen : Eye, run: () => doing.open(first) },
    { label: isFolder ? tDrive.downloadZip : tDrive.download, icon: Download, run: save },
    { label: tDrive.share, icon: Link, run: () => doing.share(first) },
    { label: tDrive.rename, icon: Pencil, run: () => doing.rename(first) },
    move,
    copy,
    { label: tDrive.details, icon: Info, run: () => doing.details(first) },
    trash,
  ];
}
