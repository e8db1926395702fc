declare global {
  interface Window {
    /** Answers that `early-requests.js` asked for, by their address. */
    playhouseEarly?: Map<string, Promise<Response>>;
  }
}

/** An answer that is older than this, in milliseconds since the page began, is asked for anew. */
const FRESH_MS = 15_000;

/** Takes what was asked for before this script came, once; everything else is fetched. */
export function fetchOrEarly(request: Request): Promise<Response> {
  const asked = globalThis.window?.playhouseEarly;
  const address = request.url.replace(/^https?:\/\/[^/]+/, '');
  const early = request.method === 'GET' ? asked?.get(address) : undefined;
  if (!asked || !early) return fetch(request);
  asked.delete(address);
  if (performance.now() > FRESH_MS) return fetch(request);
  return early.then(
    (answer) => (answer.ok && !answer.bodyUsed ? answer : fetch(request)),
    () => fetch(request),
  );
}
