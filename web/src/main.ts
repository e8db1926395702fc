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
mount(App, { target });
registerShell();
