import { area } from '../area';
import { en } from './en';
import { zh } from './zh';

/** The strings of the console's area for webhooks. */
export const tWebhooks: typeof en = area({ en, zh });
