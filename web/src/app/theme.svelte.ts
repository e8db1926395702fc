export type ThemeChoice = 'auto' | 'light' | 'dark';

const STORE = 'playhouse.theme';
const GROUND = { dark: '#141110', light: '#f7f2ea' };

/** The reader's choice of theme; `auto` follows the system while the page is open. */
class Theme {
  choice: ThemeChoice = $state(readChoice());
  #system = matchMedia('(prefers-color-scheme: dark)');

  start(): void {
    this.#system.addEventListener('change', () => this.#apply());
    this.#apply();
  }

  choose(choice: ThemeChoice): void {
    this.choice = choice;
    try {
      localStorage.setItem(STORE, choice);
    } catch {
      // Storage may be forbidden: the choice then lasts as long as the page.
    }
    this.#apply();
  }

  #apply(): void {
    const dark = this.choice === 'dark' || (this.choice === 'auto' && this.#system.matches);
    const name = dark ? 'dark' : 'light';
    document.documentElement.dataset.theme = name;
    document.querySelector('meta[name="theme-color"]')?.setAttribute('content', GROUND[name]);
  }
}

function readChoice(): ThemeChoice {
  try {
    const kept = localStorage.getItem(STORE);
    return kept === 'light' || kept === 'dark' ? kept : 'auto';
  } catch {
    return 'auto';
  }
}

export const theme = new Theme();
