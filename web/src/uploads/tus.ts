import { asProblem, networkProblem, problemFrom } from '../api/problem';
import { carry as carryByBrowser, type Carry } from './carry';
import { pauseAfter } from './patience';

const ENDPOINT = '/api/v1/uploads';
const VERSION = { 'Tus-Resumable': '1.0.0' };
const BYTES = { 'Content-Type': 'application/offset+octet-stream' };
/** Up to this size the bytes go with the first request, which saves another. */
const AT_ONCE_BYTES = 1_000_000;

export interface TusOptions {
  metadata: Record<string, string>;
  /** Where an upload that broke off stands, if there is one. */
  address?: string;
  /** How far that upload is, when somebody has asked already. */
  offset?: number;
  /** The most that goes with one request. Everything that is left, when it is not said. */
  piece?: number;
  /** What is waited, in milliseconds, before each next try of a piece. None: who asked tries again. */
  pauses?: readonly number[];
  signal: AbortSignal;
  /** Called as soon as there is an upload, so that its address can be kept. */
  onaddress: (address: string) => void;
  /** Bytes that have left; after a break, those that the house has. */
  onprogress: (sent: number) => void;
  carry?: Carry;
  sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** An upload that is complete. */
export interface Sent {
  address: string;
  /** What the house said to its last byte; `null` when it had them all before. */
  answer: Response | null;
}

/** Sends a file by tus, going on where an earlier try stopped. Throws a problem, or an `AbortError`. */
export async function sendFile(file: Blob, options: TusOptions): Promise<Sent> {
  const carry = options.carry ?? carryByBrowser;
  const begun = await takeUp(file, options, carry);
  const { address } = begun;
  let { offset, answer } = begun;
  options.onaddress(address);
  options.onprogress(offset);
  for (let failures = 0; offset < file.size;) {
    try {
      answer = await sendPiece(file, address, offset, options, carry);
      offset = offsetIn(answer);
      failures = 0;
    } catch (thrown) {
      options.signal.throwIfAborted();
      const problem = asProblem(thrown);
      const pause = pauseAfter(problem, failures, options.pauses ?? []);
      if (pause === null) throw problem;
      failures += 1;
      await (options.sleep ?? rest)(pause, options.signal);
      offset = (await offsetAt(address, options.signal, carry).catch(() => offset)) ?? offset;
    }
    options.onprogress(offset);
  }
  return { address, answer };
}

/** The id of an upload, which `POST /movies` takes. */
export function uploadId(address: string): string {
  return address.split('/').at(-1) ?? '';
}

/** Asks about an upload. The answer may be a refusal: 404 and 410 say that it is not there any more. */
export function askAbout(address: string, signal: AbortSignal, carry: Carry = carryByBrowser) {
  return carry(address, { method: 'HEAD', headers: VERSION, signal });
}

/** Says something about a complete upload, without sending a byte of it. */
export function sayAgain(
  address: string,
  offset: number,
  metadata: Record<string, string>,
  signal: AbortSignal,
  carry: Carry = carryByBrowser,
): Promise<Response> {
  const headers = {
    ...VERSION,
    ...BYTES,
    'Upload-Offset': String(offset),
    'Upload-Metadata': metadataHeader(metadata),
  };
  return carry(address, { method: 'PATCH', headers, signal });
}

/** Ends an upload and gives its room back. What cannot be ended now expires by itself. */
export async function endUpload(address: string, carry: Carry = carryByBrowser): Promise<void> {
  const { signal } = new AbortController();
  await carry(address, { method: 'DELETE', headers: VERSION, signal }).catch(() => undefined);
}

export function isGone({ status }: Response): boolean {
  return status === 404 || status === 410;
}

/** How much of an upload the house has, by its answer. */
export function offsetIn({ headers }: Response): number {
  const offset = Number(headers.get('Upload-Offset') ?? Number.NaN);
  if (!Number.isSafeInteger(offset)) throw networkProblem();
  return offset;
}

/** The upload of before, if it is still there, else a new one. */
async function takeUp(file: Blob, options: TusOptions, carry: Carry) {
  const { address, signal } = options;
  if (address) {
    const offset = options.offset ?? (await offsetAt(address, signal, carry));
    if (offset !== null) return { address, offset, answer: null };
  }
  const isSmall = file.size <= Math.min(AT_ONCE_BYTES, options.piece ?? AT_ONCE_BYTES);
  const answer = await carry(ENDPOINT, {
    method: 'POST',
    headers: {
      ...VERSION,
      ...(isSmall && BYTES),
      'Upload-Length': String(file.size),
      'Upload-Metadata': metadataHeader(options.metadata),
    },
    ...(isSmall && { body: file, onprogress: options.onprogress }),
    signal,
  });
  const location = (await accepted(answer)).headers.get('Location');
  if (!location) throw networkProblem();
  const place = new URL(location, globalThis.location?.href ?? 'http://house/').pathname;
  return { address: place, offset: answer.headers.has('Upload-Offset') ? offsetIn(answer) : 0, answer };
}

/** Where an upload stands; `null` when it is no longer there. */
async function offsetAt(address: string, signal: AbortSignal, carry: Carry): Promise<number | null> {
  const answer = await askAbout(address, signal, carry);
  return isGone(answer) ? null : offsetIn(await accepted(answer));
}

async function sendPiece(file: Blob, address: string, offset: number, options: TusOptions, carry: Carry) {
  const { signal, onprogress, piece = file.size } = options;
  const answer = await carry(address, {
    method: 'PATCH',
    headers: { ...VERSION, ...BYTES, 'Upload-Offset': String(offset) },
    body: file.slice(offset, offset + piece),
    signal,
    onprogress: (bytes) => onprogress(offset + bytes),
  });
  return accepted(answer);
}

async function accepted(answer: Response): Promise<Response> {
  if (answer.ok) return answer;
  throw problemFrom(answer, await answer.json().catch(() => null));
}

/** `filename c2VhLm1wNA==,purpose bW92aWU=`: values are UTF-8 in base64. */
export function metadataHeader(metadata: Record<string, string>): string {
  const encode = (text: string) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
  return Object.entries(metadata)
    .map(([key, value]) => (value ? `${key} ${encode(value)}` : key))
    .join(',');
}

/** Waits, unless the upload is stopped meanwhile. */
function rest(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done, fail) => {
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      done();
    }, ms);
    function stop() {
      clearTimeout(timer);
      fail(signal.reason as Error);
    }
    signal.addEventListener('abort', stop, { once: true });
  });
}
