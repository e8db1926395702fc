/** What the service worker does with a request. */
export type Treatment = 'asset' | 'page' | 'leave';

/** Paths that are never kept and never answered from a cache: data, films, files, feeds, and what is for operators. */
const NEVER = /^\/(api|media|feeds|dav|s|metrics|healthz|readyz|problems)(\/|$)/;

/**
 * The shell is kept: built files, whose names carry a hash of their content, and the one page that loads them. All else
 * goes to the house as if there were no service worker, above all films, files and everything under `/api`.
 */
export function treatmentOf(
  request: { method: string; mode: string; url: string; range: boolean },
  origin: string,
  isPage: (path: string) => boolean,
): Treatment {
  const url = new URL(request.url);
  if (request.method !== 'GET' || request.range || url.origin !== origin) return 'leave';
  if (NEVER.test(url.pathname)) return 'leave';
  if (/^\/assets\/[^/]+$/.test(url.pathname)) return 'asset';
  return request.mode === 'navigate' && isPage(url.pathname) ? 'page' : 'leave';
}

/** Only a plain success of our own may be kept: no part of a file, no error, nothing that says it is private. */
export function mayKeep(answer: Response): boolean {
  const policy = answer.headers.get('Cache-Control') ?? '';
  return answer.status === 200 && answer.type === 'basic' && !/no-store|private/.test(policy);
}
