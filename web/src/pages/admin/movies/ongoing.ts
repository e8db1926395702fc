import { house } from './house';
import { Publishing } from './publishing.svelte';

/** The uploads of this visit: they go on while other pages are read. */
export const publishing = new Publishing(house);

/** Leaving the site would stop what is under way, so the browser asks first. */
window.addEventListener('beforeunload', (event) => {
  if (publishing.isRunning) event.preventDefault();
});
