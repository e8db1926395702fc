import type { DetailedError, Upload } from 'tus-js-client';
import { ApiProblem, asProblem, networkProblem, problemFrom } from '../api/problem';

export type Rule = 'fail' | 'replace' | 'rename';

/** One file on its way into the drive. */
export interface Sending {
  file: File;
  /** Where it shall be. */
  path: string;
  rule: Rule;
  /** The address of an upload that has begun. */
  url: string | null;
}

export interface Hooks {
  signal: AbortSignal;
  onUrl: (url: string | null) => void;
  onProgress: (sent: number) => void;
}

/** Sends one file; answers the id of the entry that it became. Throws a problem, or an `AbortError`. */
export type Send = (sending: Sending, hooks: Hooks) => Promise<string | null>;

const ENDPOINT = '/api/v1/uploads';
/** Up to this size the bytes go with the first request, which saves another. */
const AT_ONCE_BYTES = 1_000_000;

export const sendFile: Send = async (sending, hooks) => {
  const standing = sending.url ? await standingOf(sending.url, sending, hooks.signal) : null;
  if (standing?.state === 'done') return standing.entry;
  if (standing?.state === 'gone') hooks.onUrl(null);
  const url = standing?.state === 'open' ? sending.url : null;
  const { Upload } = await import('tus-js-client').catch(() => {
    throw networkProblem();
  });
  return run(Upload, { ...sending, url }, hooks);
};

/** Ends an upload and gives its room back. What cannot be ended now expires by itself. */
export async function endUpload(url: string): Promise<void> {
  await fetch(url, { method: 'DELETE', headers: { 'Tus-Resumable': '1.0.0' } }).catch(() => undefined);
}

/** How many bytes of an upload the house has; `null` when there is no such upload any more. */
export async function bytesAt(url: string): Promise<number | null> {
  const answer = await fetch(url, { method: 'HEAD', headers: { 'Tus-Resumable': '1.0.0' } });
  if (answer.status === 404 || answer.status === 410) return null;
  return Number(answer.headers.get('Upload-Offset') ?? 0);
}

type Standing = { state: 'open' } | { state: 'gone' } | { state: 'done'; entry: string | null };

async function standingOf(url: string, sending: Sending, signal: AbortSignal): Promise<Standing> {
  const answer = await request(url, { method: 'HEAD', signal });
  if (answer.status === 404 || answer.status === 410) return { state: 'gone' };
  // All bytes are there, and the name or the room was lacking: the words are only in the answer to a PATCH.
  if (answer.status === 409 || answer.status === 507) return place(url, sending, signal);
  if (!answer.ok) throw problemFrom(answer, null);
  const placed = answer.headers.get('Content-Location');
  if (placed) return { state: 'done', entry: entryIn(placed) };
  return { state: 'open' };
}

/** Says again where a complete upload shall be, without sending a byte. */
async function place(url: string, sending: Sending, signal: AbortSignal): Promise<Standing> {
  const answer = await request(url, {
    method: 'PATCH',
    signal,
    headers: {
      'Content-Type': 'application/offset+octet-stream',
      'Upload-Offset': String(sending.file.size),
      'Upload-Metadata': encodeMetadata({ path: sending.path, on_conflict: sending.rule }),
    },
  });
  if (answer.status === 404 || answer.status === 410) return { state: 'gone' };
  if (!answer.ok) throw problemFrom(answer, await answer.json().catch(() => null));
  return { state: 'done', entry: entryIn(answer.headers.get('Content-Location')) };
}

async function request(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, headers: { 'Tus-Resumable': '1.0.0', ...init.headers } });
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === 'AbortError') throw thrown;
    throw networkProblem();
  }
}

function run(Uploader: typeof Upload, sending: Sending, hooks: Hooks): Promise<string | null> {
  return new Promise((done, fail) => {
    const { file, url } = sending;
    const upload = new Uploader(file, {
      endpoint: location.origin + ENDPOINT,
      uploadUrl: url,
      metadata: metadataOf(sending),
      uploadDataDuringCreation: file.size <= AT_ONCE_BYTES,
      storeFingerprintForResuming: false,
      retryDelays: null,
      onUploadUrlAvailable: () => {
        if (upload.url) hooks.onUrl(new URL(upload.url, location.href).pathname);
      },
      onProgress: hooks.onProgress,
      onSuccess: ({ lastResponse }) => done(entryIn(lastResponse.getHeader('Content-Location'))),
      onError: (error) => fail(problemOf(error)),
    });
    hooks.signal.addEventListener('abort', () => {
      void upload.abort();
      fail(new DOMException('The upload was stopped.', 'AbortError'));
    });
    if (!hooks.signal.aborted) upload.start();
  });
}

function metadataOf({ file, path, rule }: Sending): Record<string, string> {
  return {
    purpose: 'drive',
    filename: file.name,
    filetype: file.type || 'application/octet-stream',
    path,
    on_conflict: rule,
    modified_at: new Date(file.lastModified).toISOString(),
  };
}

/** `key base64,key base64`, as the protocol writes it. */
export function encodeMetadata(metadata: Record<string, string>): string {
  return Object.entries(metadata)
    .map(([key, value]) => `${key} ${btoa(String.fromCharCode(...new TextEncoder().encode(value)))}`)
    .join(',');
}

/** `/api/v1/drive/entries/ID` -> `ID`. */
export function entryIn(place: string | null | undefined): string | null {
  return /\/drive\/entries\/([^/?]+)$/.exec(place ?? '')?.[1] ?? null;
}

/** What went wrong, in the server's words if it answered. */
function problemOf(error: Error | DetailedError): ApiProblem {
  const answer = 'originalResponse' in error ? error.originalResponse : null;
  if (!answer) return 'originalRequest' in error ? networkProblem() : asProblem(error);
  const headers = new Headers();
  const wait = answer.getHeader('Retry-After');
  if (wait) headers.set('Retry-After', wait);
  const status = answer.getStatus();
  if (status < 200 || status > 599) return networkProblem();
  return problemFrom(new Response(null, { status, headers }), parse(answer.getBody()));
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
