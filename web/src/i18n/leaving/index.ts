import { area } from '../area';
import { en } from './en';
import { zh } from './zh';

/** The strings of what a member takes along and of leaving. */
export const tLeaving: typeof en = area({ en, zh });
