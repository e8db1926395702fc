/**
 * What somebody typed as an amount -> integer minor units; `null` when it is none. Both `.` and `,` may stand before
 * the minor units, spaces anywhere; nothing is rounded.
 */
export function readAmount(text: string, digits: number): number | null {
  const found = /^([-−+]?)(\d{1,13})(?:[.,](\d*))?$/.exec(text.replace(/\s/g, ''));
  const fraction = found?.[3] ?? '';
  if (!found || fraction.length > digits) return null;
  const minor = Number((found[2] ?? '') + fraction.padEnd(digits, '0'));
  if (!Number.isSafeInteger(minor)) return null;
  return minor !== 0 && /[-−]/.test(found[1] ?? '') ? -minor : minor;
}

/** `2026-03-01T20:15` in the reader's own time -> the moment in UTC; nothing -> `null`. */
export function readLocalTime(text: string): string | null {
  const time = text ? new Date(text) : null;
  return time && !Number.isNaN(time.getTime()) ? time.toISOString() : null;
}

/** The moment as `datetime-local` wants it. */
export function writeLocalTime(iso: string | null | undefined): string {
  if (!iso) return '';
  const time = new Date(iso);
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** `sea, night ,, sea` -> `['sea', 'night']`. */
export function readTags(text: string): string[] {
  const tags = text.split(/[,，]/).map((tag) => tag.trim());
  return [...new Set(tags.filter(Boolean))];
}
