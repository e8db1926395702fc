/// <reference lib="webworker" />
/**
 * The service worker: it keeps the shell, so that the client opens at once and without a connection, and nothing else.
 * `rules.ts` says what that is. Built to `/sw.js` by `vite.config.ts`.
 */
import { matchPath } from '../app/routes';
import { mayKeep, treatmentOf } from './rules';

const worker = self as unknown as ServiceWorkerGlobalScope;
/** One cache for the files whose names say what is in them, one for the page that names them. */
const ASSETS = 'playhouse-assets-1';
const PAGE = 'playhouse-page-1';
const MOST_ASSETS = 200;

worker.addEventListener('install', (event) => {
  event.waitUntil(renewPage().then(() => worker.skipWaiting()));
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(forgetOthers().then(() => worker.clients.claim()));
});

worker.addEventListener('fetch', (event) => {
  const { method, mode, url, headers } = event.request;
  const asked = { method, mode, url, range: headers.has('Range') };
  const treatment = treatmentOf(asked, worker.location.origin, (path) => matchPath(path) !== null);
  if (treatment === 'asset') event.respondWith(asset(event.request));
  if (treatment === 'page') event.respondWith(page(event.request));
});

/** A name with a hash never changes its content: what is kept is as good as new. */
async function asset(request: Request): Promise<Response> {
  const cache = await caches.open(ASSETS);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (mayKeep(answer)) {
    await cache.put(request, answer.clone());
    await forgetOldest(cache);
  }
  return answer;
}

/** The house's own page while it answers, so that a new version shows at once; the kept one when it does not. */
async function page(request: Request): Promise<Response> {
  try {
    const answer = await fetch(request);
    if (mayKeep(answer)) await (await caches.open(PAGE)).put('/', answer.clone());
    return answer;
  } catch (thrown) {
    const kept = await (await caches.open(PAGE)).match('/');
    if (kept) return kept;
    throw thrown;
  }
}

async function renewPage(): Promise<void> {
  const answer = await fetch('/', { cache: 'no-cache' });
  if (mayKeep(answer)) await (await caches.open(PAGE)).put('/', answer);
}

async function forgetOldest(cache: Cache): Promise<void> {
  const names = await cache.keys();
  for (const name of names.slice(0, Math.max(0, names.length - MOST_ASSETS))) await cache.delete(name);
}

async function forgetOthers(): Promise<void> {
  const names = await caches.keys();
  const ours = names.filter((name) => name.startsWith('playhouse-') && name !== ASSETS && name !== PAGE);
  await Promise.all(ours.map((name) => caches.delete(name)));
}
