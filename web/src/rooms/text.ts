/** A message is plain text. What it shows besides: names that it calls, and addresses. */
export type Part =
  | { kind: 'text'; text: string }
  | { kind: 'name'; text: string; isMe: boolean }
  /** `isHere`: an address of this house, which opens in this page. */
  | { kind: 'link'; text: string; href: string; isHere: boolean };

/** The most characters of a message, as the house counts them. */
export const MOST_CHARACTERS = 4000;

const TOKEN = /(?:https?:\/\/[^\s<>"'`]+)|(?<![\p{L}\p{N}_@])@[A-Za-z0-9_]{3,32}(?![A-Za-z0-9_])/gu;

/** Splits a text. Only `http` and `https` become links; all else stays what it is, text. */
export function partsOf(body: string, me: string, origin: string): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const { 0: token, index } of body.matchAll(TOKEN)) {
    const part = token.startsWith('@') ? nameOf(token, me) : linkOf(token, origin);
    if (!part) continue;
    if (index > from) parts.push({ kind: 'text', text: body.slice(from, index) });
    parts.push(part);
    from = index + part.text.length;
  }
  if (from < body.length) parts.push({ kind: 'text', text: body.slice(from) });
  return parts;
}

function nameOf(token: string, me: string): Part {
  return { kind: 'name', text: token, isMe: token.slice(1).toLowerCase() === me.toLowerCase() };
}

/** A full stop or a bracket at the end belongs to the sentence, not to the address. */
function linkOf(token: string, origin: string): Part | null {
  let text = token.replace(/[.,;:!?*]+$/u, '');
  while (/[)\]]$/.test(text) && !/[([]/.test(text)) text = text.slice(0, -1);
  text = text.replace(/[\u3002\uff0c\uff1b\uff1a\uff01\uff1f\u3001\uff09\u300d].*$/u, '');
  try {
    const url = new URL(text);
    return { kind: 'link', text, href: url.href, isHere: url.origin === origin };
  } catch {
    return null;
  }
}

/** How many characters the house counts. */
export function lengthOf(body: string): number {
  // Pairs of surrogates are one character.
  return body.length - (body.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0);
}

/** Whether a message is a few emojis and nothing else: these are shown larger. */
export function isOnlyEmoji(body: string): boolean {
  const text = body.trim();
  return (
    text !== '' &&
    text.length <= 24 &&
    /^(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{RI}|\u200d|\ufe0f|\s)+$/u.test(text)
  );
}

/** The name that is being typed behind an `@` before the cursor, and where it begins; `null` when there is none. */
export function nameBeing(body: string, cursor: number): { start: number; typed: string } | null {
  const match = /(?:^|[^\p{L}\p{N}_@])@([A-Za-z0-9_]{0,32})$/u.exec(body.slice(0, cursor));
  if (!match) return null;
  const typed = match[1] ?? '';
  return { start: cursor - typed.length - 1, typed };
}

/** A text cut into what was searched for and what stands between, for marking. Around the first hit, if it is long. */
export function hitsIn(body: string, words: string, around = 160): { text: string; isHit: boolean }[] {
  const wanted = words.split(/\s+/).filter(Boolean).map(escaped);
  if (wanted.length === 0) return [{ text: body, isHit: false }];
  const pattern = new RegExp(`(${wanted.join('|')})`, 'giu');
  const first = Math.max(0, body.search(pattern));
  const start = first > around / 2 ? first - around / 4 : 0;
  const end = Math.min(body.length, start + around);
  const shown = `${start > 0 ? '…' : ''}${body.slice(start, end)}${end < body.length ? '…' : ''}`;
  return shown
    .split(pattern)
    .map((text, index) => ({ text, isHit: index % 2 === 1 }))
    .filter(({ text }) => text !== '');
}

function escaped(word: string): string {
  return word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
