export type View = 'list' | 'grid';

const STORE = 'playhouse.drive.view';

/** List or grid, as it was chosen last on this device. */
export function readView(): View {
  try {
    return localStorage.getItem(STORE) === 'grid' ? 'grid' : 'list';
  } catch {
    return 'list';
  }
}

export function keepView(view: View): void {
  try {
    localStorage.setItem(STORE, view);
  } catch {
    // Storage may be forbidden: the choice then lasts as long as the page.
  }
}
