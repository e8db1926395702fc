import { area } from '../area';
import { en } from './en';
import { zh } from './zh';

/** The strings of rooms and friends, and of what happens live. They come with the live connection. */
export const tRooms: typeof en = area({ en, zh });
