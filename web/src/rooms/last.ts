import type { LastMessage, RoomEvent } from '../api/types';

/** As much of a text as the house tells in the list. */
const MOST = 200;

/** What was said last, after one more event of the log. An event about an older message changes nothing. */
export function lastAfter(
  last: LastMessage | null | undefined,
  event: RoomEvent,
): LastMessage | null | undefined {
  const { kind, message_id, account, seq, at } = event;
  if (kind === 'message' && message_id && account) {
    const text = event.deleted ? null : begin(event.body);
    return {
      message_id,
      seq,
      kind: event.deleted ? 'delete' : 'message',
      author: account,
      text,
      created_at: at,
    };
  }
  if (!last || last.message_id !== message_id) return last;
  if (kind === 'delete') return { ...last, kind, text: null };
  if (kind === 'edit' && last.kind !== 'delete' && !event.deleted)
    return { ...last, kind, text: begin(event.body) };
  return last;
}

/** The beginning of a text; no character is cut in two. */
function begin(body: string | null | undefined): string {
  return [...(body ?? '').slice(0, 2 * MOST)].slice(0, MOST).join('');
}

/** A text in one line. */
export function inOneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
