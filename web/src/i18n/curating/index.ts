import { area } from '../area';
import { en } from './en';
import { zh } from './zh';

/** The strings of the console's areas for series, comments and posters. */
export const tCurating: typeof en = area({ en, zh });
