import createClient from 'openapi-fetch';
import { fetchOrEarly } from './early';
import { ApiProblem, asProblem, networkProblem, problemFrom } from './problem';
import type { paths } from './schema';

/** The typed client. The cookie signs every call in; the browser adds `Origin` by itself. */
export const api = createClient<paths>({ credentials: 'same-origin', fetch: fetchOrEarly });

type Answer<Data> = { data?: Data; error?: unknown; response: Response };

let signedOut: () => void = () => undefined;

/** Called when an answer says that nobody is signed in (any more). */
export function onSignedOut(listener: () => void): void {
  signedOut = listener;
}

/**
 * Turns an answer into its data, or throws an {@link ApiProblem}. An aborted call throws its `AbortError` unchanged.
 */
export async function call<Data>(request: Promise<Answer<Data>>): Promise<Data> {
  const { data, error, response } = await request.catch((thrown: unknown) => {
    if (thrown instanceof DOMException && thrown.name === 'AbortError') throw thrown;
    throw thrown instanceof SyntaxError ? asProblem(thrown) : networkProblem();
  });
  if (response.ok) return data as Data;
  const problem = problemFrom(response, error);
  if (problem.status === 401 && problem.code !== 'wrong_credentials') signedOut();
  throw problem;
}

export function isAbort(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === 'AbortError';
}

export { ApiProblem };
