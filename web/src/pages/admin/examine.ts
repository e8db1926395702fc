/** What is looked at: the process, the database behind it, and the API. */
const CHECKS = [
  { what: 'alive', path: '/healthz' },
  { what: 'ready', path: '/readyz' },
  { what: 'api', path: '/api/v1/site' },
] as const;

export interface Finding {
  what: (typeof CHECKS)[number]['what'];
  isWell: boolean;
  milliseconds: number;
}

/** Asks each once. An answer that is no success counts as ill, and so does none. */
export function examine(
  send: typeof fetch = fetch.bind(globalThis),
  now = () => performance.now(),
): Promise<Finding[]> {
  return Promise.all(
    CHECKS.map(async ({ what, path }) => {
      const began = now();
      const answer = await send(path, { cache: 'no-store' }).catch(() => null);
      return { what, isWell: answer?.ok ?? false, milliseconds: now() - began };
    }),
  );
}

/** The version that the house says of itself in the description of its API. */
export async function versionOf(send: typeof fetch = fetch.bind(globalThis)): Promise<string | null> {
  try {
    const answer = await send('/api/v1/openapi.json');
    const document = (await answer.json()) as { info?: { version?: string } };
    return document.info?.version ?? null;
  } catch {
    return null;
  }
}
