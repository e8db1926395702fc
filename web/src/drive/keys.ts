import type { Entry } from '../api/types';

/** What a key asks of the page around a list. */
export type Command = 'open' | 'rename' | 'trash' | 'purge' | 'up';

type Pressed =
  | { do: 'step'; by: number }
  | { do: 'first' | 'last' | 'toggle' | 'all' | 'clear' | 'menu' }
  | { do: Command };

type Key = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>;

/** What a key does in a list of so many columns, of which so many lines are on the screen. */
export function commandFor(event: Key, { columns, page }: { columns: number; page: number }): Pressed | null {
  const isCommand = event.ctrlKey || event.metaKey;
  switch (event.key) {
    case 'ArrowDown':
      return { do: 'step', by: columns };
    case 'ArrowUp':
      return event.altKey ? { do: 'up' } : { do: 'step', by: -columns };
    case 'ArrowRight':
      return columns > 1 ? { do: 'step', by: 1 } : null;
    case 'ArrowLeft':
      return columns > 1 && !event.altKey ? { do: 'step', by: -1 } : null;
    case 'PageDown':
      return { do: 'step', by: columns * page };
    case 'PageUp':
      return { do: 'step', by: -columns * page };
    case 'Home':
      return { do: 'first' };
    case 'End':
      return { do: 'last' };
    case ' ':
      return { do: 'toggle' };
    case 'Enter':
      return { do: 'open' };
    case 'F2':
      return { do: 'rename' };
    case 'Delete':
      return { do: event.shiftKey ? 'purge' : 'trash' };
    case 'Backspace':
      return isCommand ? { do: 'trash' } : { do: 'up' };
    case 'Escape':
      return { do: 'clear' };
    case 'ContextMenu':
      return { do: 'menu' };
    case 'F10':
      return event.shiftKey ? { do: 'menu' } : null;
    case 'a':
    case 'A':
      return isCommand ? { do: 'all' } : null;
    default:
      return null;
  }
}

/** The next entry whose name begins with a letter that was typed, from below the active one, round to it again. */
export function findByLetter(
  items: readonly Pick<Entry, 'name'>[],
  event: Key,
  active: number,
): number | null {
  if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey) return null;
  const letter = event.key.toLowerCase();
  for (let step = 1; step <= items.length; step += 1) {
    const index = (active + step + items.length) % items.length;
    if (items[index]?.name.toLowerCase().startsWith(letter)) return index;
  }
  return null;
}
