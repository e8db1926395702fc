import { area } from '../area';
import { en } from './en';
import { zh } from './zh';

/** The strings of ratings and comments. */
export const tReviews: typeof en = area({ en, zh });
