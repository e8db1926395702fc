import { area } from '../area';
import { en } from './en';
import { zh } from './zh';

/** The strings of series. */
export const tSeries: typeof en = area({ en, zh });
