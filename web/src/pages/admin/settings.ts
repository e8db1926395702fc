import type { Setting, SettingGroup } from '../../api/types';

/** The value of a setting as it would stand in the file; `null` when there is none. */
export function valueText({ value }: Setting): string | null {
  if (value === null || value === undefined || value === '') return null;
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.length > 0 ? value.map((one) => plain(one)).join(', ') : null;
  return plain(value);
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** How many bytes a setting says, where a size is easier to read than its digits. */
export function bytesIn({ key, value }: Setting): number | null {
  return /bytes/.test(key) && typeof value === 'number' && value >= 1000 ? value : null;
}

/** The groups with what fits the words, and, if asked, only what somebody has set. Empty groups are left out. */
export function narrowed(groups: readonly SettingGroup[], words: string, isSetOnly: boolean): SettingGroup[] {
  const wanted = words.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (setting: Setting) => {
    if (isSetOnly && setting.source === 'default') return false;
    const text = `${setting.key} ${setting.masked ? '' : (valueText(setting) ?? '')}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  };
  return groups
    .map(({ name, settings }) => ({ name, settings: settings.filter(fits) }))
    .filter(({ settings }) => settings.length > 0);
}
