import { area } from '../area';
import { en } from './en';
import { zh } from './zh';

/** The strings of the admin console. They come with its pages. */
export const tAdmin: typeof en = area({ en, zh });
