import { formatDateTime } from '../app/format';
import type { RoomEvent } from '../api/types';
import { tRooms } from '../i18n/rooms';

/** What happened in a room besides messages, in a sentence. */
export function sentenceOf(event: RoomEvent): string {
  const words = tRooms.happened;
  const name = event.account?.username ?? words.somebody;
  const by = event.by?.username ?? name;
  switch (event.kind) {
    case 'join':
      return event.by ? words.invited(name, by) : words.join(name);
    case 'leave':
      return words.leave(name);
    case 'kick':
      return event.banned ? words.ban(name, by) : words.kick(name, by);
    case 'rename':
      return words.rename(by, event.body ?? '');
    case 'role':
      return words.role[event.role ?? 'member'](name);
    case 'mute':
      return event.muted_until ? words.mute(name, formatDateTime(event.muted_until)) : words.unmute(name);
    default:
      return words.settings(by);
  }
}
