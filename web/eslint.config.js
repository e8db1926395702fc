import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

export default ts.config(
  { ignores: ['dist', 'node_modules', 'src/api/schema.d.ts', 'test-results'] },
  js.configs.recommended,
  ts.configs.strict,
  svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser, ...globals.node } } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig },
    },
    rules: {
      // Links go through the router's own click handler, and addresses through `hrefTo`.
      'svelte/no-navigation-without-resolve': 'off',
      // Maps and sets that no template reads stay plain.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  { rules: { eqeqeq: 'error', 'no-console': 'error' } },
  { files: ['scripts/**', 'e2e/**'], rules: { 'no-console': 'off' } },
);
