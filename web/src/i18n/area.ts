import { language, type Language } from './language.svelte';

/**
 * The strings of one area in the language in force. Reading one in markup or in `$derived` follows a switch of the
 * language; a string that is copied into a constant does not.
 */
export function area<Messages extends object>(catalogues: Record<Language, Messages>): Messages {
  return new Proxy(catalogues.en, {
    get: (_, key) => Reflect.get(catalogues[language.current], key),
  });
}
