import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { build, defineConfig, type Plugin, type Rolldown } from 'vite';
import { fileOf, SHARED } from './src/app/chunks';
import { plainIcons } from './src/design/plain-icons';

/** Pages whose files are asked for together with the client's own script, by the beginning of their addresses. */
const AHEAD: { path: string; modules: string[] }[] = [
  { path: '/rooms', modules: ['/src/pages/Rooms.svelte', '/src/rooms/start.svelte.ts'] },
  { path: '/friends', modules: ['/src/pages/Rooms.svelte', '/src/rooms/start.svelte.ts'] },
  { path: '/movies', modules: ['/src/pages/Film.svelte', '/src/player/Player.svelte'] },
  { path: '/drive', modules: ['/src/pages/Drive.svelte'] },
];

/** The files of a chunk and of all that it imports. */
function filesOf(bundle: Rolldown.OutputBundle, name: string, found = new Set<string>()): Set<string> {
  const chunk = bundle[name];
  if (chunk?.type !== 'chunk' || found.has(name)) return found;
  found.add(name);
  chunk.viteMetadata?.importedCss.forEach((css) => found.add(css));
  chunk.imports.forEach((one) => filesOf(bundle, one, found));
  return found;
}

function pagesAhead(bundle: Rolldown.OutputBundle): { path: string; files: string[] }[] {
  const chunks = Object.values(bundle).filter((one) => one.type === 'chunk');
  const first = chunks.find(({ isEntry }) => isEntry);
  const known = first ? filesOf(bundle, first.fileName) : new Set<string>();
  return AHEAD.map(({ path, modules }) => {
    const files = modules.flatMap((module) => {
      const chunk = chunks.find(({ facadeModuleId }) => facadeModuleId?.endsWith(module));
      if (!chunk) throw new Error(`${module} has no file of its own: put right what AHEAD says.`);
      return [...filesOf(bundle, chunk.fileName)];
    });
    return { path, files: [...new Set(files)].filter((file) => !known.has(file)).map((file) => `/${file}`) };
  });
}

/**
 * Puts the theme on the page before the first paint, and asks for what the page will need next. It must be a classic
 * script, so that it blocks, and a file of its own, so that the content security policy needs no exception for inline
 * scripts.
 */
function beforePaint(): Plugin {
  const read = (name: string) => readFileSync(new URL(`./src/${name}.js`, import.meta.url), 'utf8');
  const theme = read('theme-before-paint');
  return {
    name: 'playhouse:before-paint',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const page = bundle['index.html'];
        if (page?.type !== 'asset') return;
        const early = read('early-requests').replace('__PAGES__', JSON.stringify(pagesAhead(bundle)));
        const source = `${theme}${early}`.replace(/^\s*\/\/.*$/gm, '').replace(/^\s+/gm, '');
        const reference = this.emitFile({ type: 'asset', name: 'theme.js', source });
        const tag = `<script src="/${this.getFileName(reference)}"></script>`;
        page.source = String(page.source).replace('<!-- theme -->', tag);
      },
    },
    transformIndexHtml(html, context) {
      return context.server ? html.replace('<!-- theme -->', `<script>${theme}</script>`) : html;
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
  plugins: [plainIcons(), svelte(), beforePaint(), serviceWorker()],
  build: {
    // A `data:` font or icon would be stopped by the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [
            { name: fileOf(fileURLToPath(new URL('.', import.meta.url)).replace(/\/$/, '')), priority: 2 },
            { name: 'shared', test: SHARED, minShareCount: 2, maxModuleSize: 10_000, priority: 1 },
          ],
        },
      },
    },
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
