import { area } from '../area';
import { en } from './en';
import { zh } from './zh';

/** The strings of the list of access tokens. */
export const tTokens: typeof en = area({ en, zh });
