import { area } from './area';
import { en } from './en';
import { zh } from './zh';

/** The shape every catalogue of the core must fill. */
export type Messages = typeof en;

/** The strings of the shell and of the members' pages. Other areas have catalogues of their own, see `README.md`. */
export const t: Messages = area({ en, zh });

export { language, locale } from './language.svelte';
