import { area } from '../area';
import { en } from './en';
import { zh } from './zh';

/** The strings of the drive. They come with its pages. */
export const tDrive: typeof en = area({ en, zh });
