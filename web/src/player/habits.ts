/** What somebody chose in the player, for the next film too. Kept in this browser. */
export interface Habits {
  /** 0 to 1. */
  volume: number;
  isMuted: boolean;
  rate: number;
  /** Lines; 0 leaves it to the player. */
  quality: number;
  /** The language of the subtitles; empty for none, `null` while nothing was chosen. */
  subtitles: string | null;
  /** The language of the sound; empty while nothing was chosen. */
  sound: string;
}

export interface Keep {
  getItem(name: string): string | null;
  setItem(name: string, value: string): void;
}

const NAME = 'playhouse.player';
const NEW: Habits = { volume: 1, isMuted: false, rate: 1, quality: 0, subtitles: null, sound: '' };

/** Reads them; what is missing or makes no sense is as with a new reader. */
export function readHabits(keep: Keep = localStorage): Habits {
  let kept: Partial<Record<keyof Habits, unknown>>;
  try {
    const read: unknown = JSON.parse(keep.getItem(NAME) ?? '{}');
    kept = typeof read === 'object' && read !== null ? read : {};
  } catch {
    kept = {};
  }
  const number = (value: unknown, low: number, high: number, otherwise: number) =>
    typeof value === 'number' && value >= low && value <= high ? value : otherwise;
  return {
    volume: number(kept.volume, 0, 1, NEW.volume),
    isMuted: kept.isMuted === true,
    rate: number(kept.rate, 0.25, 4, NEW.rate),
    quality: number(kept.quality, 0, 10_000, NEW.quality),
    subtitles: typeof kept.subtitles === 'string' ? kept.subtitles : NEW.subtitles,
    sound: typeof kept.sound === 'string' ? kept.sound : NEW.sound,
  };
}

export function keepHabits(changes: Partial<Habits>, keep: Keep = localStorage): void {
  try {
    keep.setItem(NAME, JSON.stringify({ ...readHabits(keep), ...changes }));
  } catch {
    // Storage may be full or forbidden: the choice then lasts as long as the page.
  }
}

/** The track to show: the one chosen before, or, when nothing was ever chosen, none. */
export function trackFor(languages: readonly string[], chosen: string | null): number {
  if (!chosen) return -1;
  const exact = languages.indexOf(chosen);
  return exact >= 0 ? exact : languages.findIndex((one) => one.split('-')[0] === chosen.split('-')[0]);
}
