import './design/fonts.css';
import './design/tokens.css';
import './design/base.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { language } from './i18n';
import { registerShell } from './shell/register';
import { theme } from './app/theme.svelte';

theme.start();
language.start();

const target = document.getElementById('app');
if (!target) throw new Error('The page has no #app.');
// What stood there while the script was on its way.
target.replaceChildren();
if (import.meta.env.DEV && location.pathname === '/design') {
  void import('./design/show/Design.svelte').then(({ default: Design }) => mount(Design, { target }));
} else {
  mount(App, { target });
  registerShell();
}
