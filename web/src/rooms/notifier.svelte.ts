import type { Room, RoomEvent } from '../api/types';
import { hrefTo } from '../app/routes';
import { router } from '../app/router.svelte';
import { tRooms } from '../i18n/rooms';
import { storage } from './drafts';
import type { ChatHouse } from './house.svelte';
import { isWorthTelling, keepWish, readWish, type Wish } from './notify';

const LONGEST = 160;

/** Notifications of the desktop, for those who want them. Nothing is asked before the reader chooses. */
class Notifier {
  wish: Wish = $state(readWish(storage() as Storage | null));
  /** The browser said no. */
  isDenied = $state(false);

  /** Whether the browser has notifications at all. */
  get isPossible(): boolean {
    return typeof Notification !== 'undefined';
  }

  async choose(wish: Wish): Promise<void> {
    if (wish !== 'off' && this.isPossible && Notification.permission !== 'granted') {
      const answer = await Notification.requestPermission();
      this.isDenied = answer === 'denied';
      if (answer !== 'granted') return;
    }
    this.isDenied = false;
    this.wish = wish;
    keepWish(storage() as Storage | null, wish);
  }

  heard(event: RoomEvent, room: Room, house: ChatHouse): void {
    const isSeen = house.open === room.id && !document.hidden && document.hasFocus();
    if (!isWorthTelling(event, room, { wish: this.wish, me: house.me.id, isSeen })) return;
    if (!this.isPossible || Notification.permission !== 'granted') return;
    const name = event.account?.username ?? '';
    const title = room.kind === 'private' ? name : tRooms.notify.inRoom(name, room.name);
    void this.#show(title, (event.body ?? '').slice(0, LONGEST), room.id);
  }

  /** One for each room: a later message takes the place of the one before. Phones want the service worker to show it. */
  async #show(title: string, body: string, room: string): Promise<void> {
    const options = { body, tag: `playhouse-${room}`, icon: '/icons/icon-192.png' };
    try {
      const shown = new Notification(title, options);
      shown.onclick = () => {
        window.focus();
        router.go(hrefTo('room', { id: room }));
        shown.close();
      };
    } catch {
      const worker = await navigator.serviceWorker?.getRegistration().catch(() => undefined);
      await worker?.showNotification(title, options);
    }
  }
}

export const notifier = new Notifier();
