import { api, call } from '../../api/client';
import { hrefTo } from '../../app/routes';
import { router } from '../../app/router.svelte';
import type { ChatHouse } from '../../rooms/house.svelte';
import { attempt } from './attempt';

/** Opens the private room with a friend: the one there is, or a new one. */
export async function writeTo(house: ChatHouse, accountId: string): Promise<void> {
  await attempt(async () => {
    const params = { path: { account_id: accountId } };
    const room = await call(api.POST('/api/v1/friends/{account_id}/room', { params }));
    house.entered(room);
    router.go(hrefTo('room', { id: room.id }));
  });
}
