export interface Toast {
  id: number;
  kind: 'good' | 'bad' | 'plain';
  text: string;
  action?: { label: string; run: () => void };
}

const STAY_MS = 6000;

class Toasts {
  list: Toast[] = $state([]);
  #last = 0;

  show(text: string, kind: Toast['kind'] = 'plain', action?: Toast['action']): void {
    const toast: Toast = { id: (this.#last += 1), kind, text, action };
    this.list = [...this.list.slice(-2), toast];
    setTimeout(() => this.drop(toast.id), STAY_MS);
  }

  drop(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();
