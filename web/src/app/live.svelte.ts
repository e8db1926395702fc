import type { PushKind, Pushes } from '../live/frames';
import type { Status } from '../live/connection';

type Listener<Kind extends PushKind> = (push: Pushes[Kind]) => void;

/**
 * What every page may know of the live connection, and the way to hear its pushes. The connection itself comes later,
 * with `rooms/start`: this part is small enough for the first load.
 */
class Live {
  status: Status = $state('off');
  /** When the next try to connect begins, in milliseconds, while it is broken. */
  retryAt: number | null = $state(null);
  /** Rooms with something unread, and how often the reader was named in them. */
  unreadRooms = $state(0);
  mentions = $state(0);
  /** Who asks to be friends. */
  requests = $state(0);
  /** Connects at once. */
  hurry: () => void = () => undefined;
  readonly #listeners = new Map<PushKind, Set<Listener<PushKind>>>();

  /** Whether pushes arrive, so that nothing needs to be asked for again and again. */
  get isOn(): boolean {
    return this.status === 'live';
  }

  /** Calls `listener` for each push of a kind. Returns the way to stop, so that an effect can return it. */
  on<Kind extends PushKind>(kind: Kind, listener: Listener<Kind>): () => void {
    const all = this.#listeners.get(kind) ?? new Set();
    this.#listeners.set(kind, all.add(listener as Listener<PushKind>));
    return () => void all.delete(listener as Listener<PushKind>);
  }

  tell<Kind extends PushKind>(kind: Kind, push: Pushes[Kind]): void {
    for (const listener of this.#listeners.get(kind) ?? []) listener(push);
  }
}

export const live = new Live();
