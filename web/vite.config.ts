import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { build, defineConfig, type Plugin } from 'vite';

/**
 * Puts the theme on the page before the first paint. It must be a classic script, so that it blocks, and a file
 * of its own, so that the content security policy needs no exception for inline scripts.
 */
function themeBeforePaint(): Plugin {
  const source = readFileSync(new URL('./src/theme-before-paint.js', import.meta.url), 'utf8');
  let reference: string | undefined;
  return {
    name: 'playhouse:theme-before-paint',
    buildStart() {
      if (this.environment.mode !== 'build') return;
      reference = this.emitFile({ type: 'asset', name: 'theme.js', source });
    },
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const page = bundle['index.html'];
        if (!reference || page?.type !== 'asset') return;
        const tag = `<script src="/${this.getFileName(reference)}"></script>`;
        page.source = String(page.source).replace('<!-- theme -->', tag);
      },
    },
    transformIndexHtml(html, context) {
      return context.server ? html.replace('<!-- theme -->', `<script>${source}</script>`) : html;
    },
  };
}

/** What a running house answers itself. */
const HOUSE_PATHS = ['/api', '/feeds', '/media', '^/s/', '/metrics', '/healthz', '/readyz'];

/** The policy that the house sends, so that a preview of the built files shows what it would stop. */
const POLICY =
  "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** The service worker stands at the root, under a name that never changes, in one file. */
function serviceWorker(): Plugin {
  return {
    name: 'playhouse:service-worker',
    apply: 'build',
    async closeBundle() {
      if (this.environment.mode !== 'build') return;
      await build({
        configFile: false,
        publicDir: false,
        logLevel: 'warn',
        build: {
          outDir: this.environment.config.build.outDir,
          emptyOutDir: false,
          rolldownOptions: {
            input: fileURLToPath(new URL('./src/shell/worker.ts', import.meta.url)),
            output: { entryFileNames: 'sw.js', format: 'iife' },
          },
        },
      });
    },
  };
}

export default defineConfig({
  plugins: [svelte(), themeBeforePaint(), serviceWorker()],
  build: {
    // A `data:` font or icon would be stopped by the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  preview: { host: '127.0.0.1', headers: { 'Content-Security-Policy': POLICY } },
  server: {
    host: '127.0.0.1',
    proxy: Object.fromEntries(
      HOUSE_PATHS.map((path) => [
        path,
        { target: process.env.PLAYHOUSE_URL ?? 'http://127.0.0.1:8080', ws: true },
      ]),
    ),
  },
});
