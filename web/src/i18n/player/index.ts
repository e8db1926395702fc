import { area } from '../area';
import { en } from './en';
import { zh } from './zh';

/** The strings of the player. */
export const tPlayer: typeof en = area({ en, zh });
