import { en } from './en';

/** The shape every catalogue of strings must fill. */
export type Messages = typeof en;

/** The strings in force. English is the only catalogue so far. */
export const t: Messages = en;

/** The language for dates, numbers and plurals: the reader's own. */
export const locale: string = typeof navigator === 'undefined' ? 'en' : navigator.language || 'en';
