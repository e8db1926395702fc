import type { Entry } from '../api/types';

/** What is dragged from one place of the drive to another, and what would take it now. */
class Dragging {
  entries: readonly Entry[] = $state.raw([]);
  /** The id of the folder, or the name of the place, under the pointer. */
  over: string | null = $state(null);

  begin(entries: readonly Entry[]): void {
    this.entries = entries;
  }

  end(): void {
    this.entries = [];
    this.over = null;
  }

  /** Whether a folder may take what is dragged: not itself, nor something below itself, nor what is there already. */
  fits(folder: { id: string; path: string }): boolean {
    return (
      this.entries.length > 0 &&
      this.entries.every(
        ({ id, path, parent_id }) =>
          id !== folder.id && parent_id !== folder.id && !`${folder.path}/`.startsWith(`${path}/`),
      )
    );
  }
}

export const dragging = new Dragging();

/** Whether a drag brings files from outside of the browser. */
export function bringsFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false;
}

interface Target {
  /** What the place is called while something is over it. */
  place: string;
  accepts: (event: DragEvent) => boolean;
  drop: (event: DragEvent) => void;
}

/** Makes an element take what is dropped on it. Used as an attachment. */
export function dropTarget(target: () => Target | null) {
  return (node: HTMLElement) => {
    const over = (event: DragEvent) => {
      const at = target();
      if (!at?.accepts(event)) return;
      event.preventDefault();
      event.stopPropagation();
      dragging.over = at.place;
      const isCopy = bringsFiles(event) || event.ctrlKey || event.altKey;
      if (event.dataTransfer) event.dataTransfer.dropEffect = isCopy ? 'copy' : 'move';
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget instanceof Node && node.contains(event.relatedTarget)) return;
      if (dragging.over === target()?.place) dragging.over = null;
    };
    const drop = (event: DragEvent) => {
      const at = target();
      if (!at?.accepts(event)) return;
      event.preventDefault();
      event.stopPropagation();
      dragging.over = null;
      at.drop(event);
    };
    node.addEventListener('dragover', over);
    node.addEventListener('dragleave', leave);
    node.addEventListener('drop', drop);
    return () => {
      node.removeEventListener('dragover', over);
      node.removeEventListener('dragleave', leave);
      node.removeEventListener('drop', drop);
    };
  };
}
