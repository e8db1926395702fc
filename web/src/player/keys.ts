/** What a key asks of the player. */
export type Command =
  | 'toggle'
  | 'back'
  | 'forward'
  | 'farBack'
  | 'farForward'
  | 'louder'
  | 'quieter'
  | 'mute'
  | 'fullScreen'
  | 'subtitles'
  | 'picture'
  | 'faster'
  | 'slower'
  | { part: number };

const KEYS: Record<string, Command> = {
  ' ': 'toggle',
  k: 'toggle',
  ArrowLeft: 'back',
  ArrowRight: 'forward',
  j: 'farBack',
  l: 'farForward',
  ArrowUp: 'louder',
  ArrowDown: 'quieter',
  m: 'mute',
  f: 'fullScreen',
  c: 'subtitles',
  i: 'picture',
  '>': 'faster',
  '<': 'slower',
  Home: { part: 0 },
};

/** Keys that scroll the page or press what has the focus: ours only while the focus is in the player. */
const SCROLLING = new Set(['ArrowUp', 'ArrowDown', 'Home']);
const PRESSING = new Set([' ', 'Enter']);

export interface Stroke {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

/** Where the focus is: `page` is nowhere in particular, `button` and `choice` are parts of the player. */
export type Focus = 'page' | 'player' | 'button' | 'choice' | 'elsewhere';

/** The command of a stroke, or none: a key with a modifier, or one that the focused control needs for itself. */
export function commandFor(stroke: Stroke, focus: Focus): Command | null {
  if (stroke.ctrlKey || stroke.metaKey || stroke.altKey || focus === 'elsewhere') return null;
  if (focus === 'page' && SCROLLING.has(stroke.key)) return null;
  if (focus === 'button' && PRESSING.has(stroke.key)) return null;
  if (focus === 'choice' && (PRESSING.has(stroke.key) || stroke.key.startsWith('Arrow'))) return null;
  if (/^\d$/.test(stroke.key)) return { part: Number(stroke.key) / 10 };
  return KEYS[stroke.key.length === 1 ? stroke.key.toLowerCase() : stroke.key] ?? null;
}

/** Which part of the page has the keyboard. */
export function focusOf(active: Element | null, player: Element): Focus {
  if (!active || active === document.body || active.id === 'main') return 'page';
  if (!player.contains(active)) return 'elsewhere';
  if (active.matches('input[type=radio]')) return 'choice';
  return active.matches('button, a') ? 'button' : 'player';
}

export const RATES = [0.5, 0.75, 1, 1.25, 1.5, 2] as const;

/** The next speed up or down; the ends stay. */
export function stepRate(rate: number, step: 1 | -1): number {
  const at = RATES.findIndex((one) => one >= rate - 0.001);
  return RATES[Math.min(RATES.length - 1, Math.max(0, (at < 0 ? RATES.length - 1 : at) + step))] ?? 1;
}
