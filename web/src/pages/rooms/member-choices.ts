import Ban from '@lucide/svelte/icons/ban';
import Crown from '@lucide/svelte/icons/crown';
import MessageCircle from '@lucide/svelte/icons/message-circle';
import Mic from '@lucide/svelte/icons/mic';
import MicOff from '@lucide/svelte/icons/mic-off';
import Shield from '@lucide/svelte/icons/shield';
import ShieldOff from '@lucide/svelte/icons/shield-off';
import UserMinus from '@lucide/svelte/icons/user-minus';
import UserPlus from '@lucide/svelte/icons/user-plus';
import type { Member, Room } from '../../api/types';
import { formatDuration } from '../../app/format';
import type { MenuItem } from '../../components/Menu.svelte';
import { tRooms } from '../../i18n/rooms';
import type { Desk } from '../../rooms/desk.svelte';
import { isMuted, standsAbove } from '../../rooms/members.svelte';
import { attempt } from './attempt';
import type { Question } from './Ask.svelte';
import { writeTo } from './private';

const MUTES_S = [600, 3600, 86_400];

/** What the reader may do with a member. The house has the last word. */
export function choicesFor(
  member: Member,
  room: Room,
  desk: Desk,
  ask: (question: Question) => void,
): MenuItem[] {
  const { members, house } = desk;
  const { id, username } = member.account;
  const words = tRooms.people;
  const does = (act: () => Promise<unknown>) => () => void attempt(act, words.done);
  const items: MenuItem[] = [];
  if (house.friends.has(id))
    items.push({ label: words.message, icon: MessageCircle, run: () => void writeTo(house, id) });
  else
    items.push({
      label: words.befriend,
      icon: UserPlus,
      run: () => void attempt(() => house.friends.ask(username), tRooms.friends.asked(username)),
    });
  if (room.role === 'owner' || desk.isAdmin) items.push(...roleChoices(member, desk, ask, does));
  if (!standsAbove(room.role, member.role, desk.isAdmin)) return items;
  if (isMuted(member.muted_until)) {
    const run = does(() => members.change(id, { muted_until: null }));
    items.push({ label: words.unmute, icon: Mic, run });
  } else {
    for (const seconds of MUTES_S) {
      const until = () => new Date(Date.now() + seconds * 1000).toISOString();
      const run = does(() => members.change(id, { muted_until: until() }));
      items.push({ label: words.mute(formatDuration(seconds)), icon: MicOff, run });
    }
  }
  const kick = () =>
    ask({
      title: words.kickTitle(username),
      text: words.kickText,
      action: words.kick,
      run: () => attempt(() => members.kick(id), words.done),
    });
  const ban = () =>
    ask({
      title: words.banTitle(username),
      text: words.banText,
      action: words.ban,
      run: () => attempt(() => members.ban(id), words.done),
    });
  items.push({ label: words.kick, icon: UserMinus, run: kick, isDangerous: true });
  items.push({ label: words.ban, icon: Ban, run: ban, isDangerous: true });
  return items;
}

function roleChoices(
  { account, role }: Member,
  { members }: Desk,
  ask: (question: Question) => void,
  does: (act: () => Promise<unknown>) => () => void,
): MenuItem[] {
  const words = tRooms.people;
  if (role === 'owner') return [];
  const handOver = () =>
    ask({
      title: words.handOverTitle(account.username),
      text: words.handOverText,
      action: words.handOver,
      run: () => attempt(() => members.change(account.id, { role: 'owner' }), words.done),
    });
  const change =
    role === 'member'
      ? {
          label: words.makeModerator,
          icon: Shield,
          run: does(() => members.change(account.id, { role: 'moderator' })),
        }
      : {
          label: words.makeMember,
          icon: ShieldOff,
          run: does(() => members.change(account.id, { role: 'member' })),
        };
  return [change, { label: words.handOver, icon: Crown, run: handOver }];
}
