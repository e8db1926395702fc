import { speakRefusals } from './refusals';

/** The languages of the client. To add one: a line here, and a catalogue in every area. */
export const LANGUAGES = ['en', 'zh'] as const;
export type Language = (typeof LANGUAGES)[number];

/** How each language calls itself, and the tag that the document carries. */
export const LANGUAGE_NAMES: Record<Language, string> = { en: 'English', zh: '简体中文' };
const TAGS: Record<Language, string> = { en: 'en', zh: 'zh-Hans' };

const STORE = 'playhouse.language';

/** The first of the reader's own languages that the client speaks; else English. */
export function languageFrom(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const known = LANGUAGES.find((code) => tag.toLowerCase().split(/[-_]/)[0] === code);
    if (known) return known;
  }
  return 'en';
}

/** What Intl writes dates and numbers in: the reader's own region if they read its language, as in `en-GB`. */
export function localeFor(language: Language, wanted: readonly string[]): string {
  const own = wanted.find(
    (tag) => languageFrom([tag]) === language && tag.toLowerCase().startsWith(language),
  );
  // Traditional characters beside simplified ones would look like a fault.
  if (language === 'zh') return own && !/hant|tw|hk|mo/i.test(own) ? own : 'zh-CN';
  return own ?? 'en';
}

function ownLanguages(): readonly string[] {
  if (typeof navigator === 'undefined') return [];
  return navigator.languages?.length ? navigator.languages : [navigator.language];
}

function readChoice(): Language | undefined {
  try {
    const kept = localStorage.getItem(STORE);
    return LANGUAGES.find((code) => code === kept);
  } catch {
    return undefined;
  }
}

/** The language in force. What reads it, through `t` or `locale()`, follows a switch at once. */
class LanguageChoice {
  current: Language = $state(readChoice() ?? languageFrom(ownLanguages()));

  start(): void {
    document.documentElement.lang = TAGS[this.current];
    void speakRefusals(this.current).catch(() => undefined);
  }

  choose(language: Language): void {
    this.current = language;
    try {
      localStorage.setItem(STORE, language);
    } catch {
      // Storage may be forbidden: the choice then lasts as long as the page.
    }
    this.start();
  }
}

export const language = new LanguageChoice();

/** The language for dates, numbers and plurals. */
export function locale(): string {
  return localeFor(language.current, ownLanguages());
}
