import { area } from '../area';
import { en } from './en';
import { zh } from './zh';

/** The strings of the console's areas for series and comments. */
export const tCurating: typeof en = area({ en, zh });
