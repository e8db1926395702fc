import { asProblem, networkProblem, problemFrom } from '../api/problem';

/** How much goes up at a time: progress is told, and an upload can be stopped, between two pieces. */
const PIECE = 4 * 1024 * 1024;
const ENDPOINT = '/api/v1/uploads';
const PAUSES_MS = [500, 2000, 5000];

export interface TusOptions {
  metadata: Record<string, string>;
  /** Where an upload that broke off stands, if there is one. */
  address?: string;
  signal: AbortSignal;
  /** Called as soon as there is an upload, so that its address can be kept. */
  onaddress: (address: string) => void;
  /** Bytes that the house has for certain. */
  onprogress: (sent: number) => void;
  send?: typeof fetch;
  sleep?: (ms: number) => Promise<void>;
}

/** Sends a file by tus, going on where an earlier try stopped. Returns the address of the finished upload. */
export async function sendFile(file: Blob, options: TusOptions): Promise<string> {
  const send = options.send ?? fetch.bind(globalThis);
  const begun = await takeUp(file, options, send);
  const { address } = begun;
  let { offset } = begun;
  options.onaddress(address);
  options.onprogress(offset);
  for (let failures = 0; offset < file.size;) {
    try {
      offset = await sendPiece(file, address, offset, options.signal, send);
      failures = 0;
    } catch (thrown) {
      options.signal.throwIfAborted();
      const problem = asProblem(thrown);
      const pause = PAUSES_MS[failures];
      if (pause === undefined || !(problem.isPassing || problem.status === 409)) throw problem;
      failures += 1;
      await (options.sleep ?? rest)(problem.retryAfter ? problem.retryAfter * 1000 : pause);
      offset = (await askOffset(address, options.signal, send).catch(() => offset)) ?? offset;
    }
    options.onprogress(offset);
  }
  return address;
}

/** The id of an upload, which `POST /movies` takes. */
export function uploadId(address: string): string {
  return address.split('/').at(-1) ?? '';
}

/** The upload of before, if it is still there, else a new one. */
async function takeUp(file: Blob, options: TusOptions, send: typeof fetch) {
  if (options.address) {
    const offset = await askOffset(options.address, options.signal, send);
    if (offset !== null) return { address: options.address, offset };
  }
  const headers = {
    'Tus-Resumable': '1.0.0',
    'Upload-Length': String(file.size),
    'Upload-Metadata': metadataHeader(options.metadata),
  };
  const answer = await request(send, ENDPOINT, { method: 'POST', headers, signal: options.signal });
  const location = answer.headers.get('Location');
  if (!location) throw networkProblem();
  return { address: new URL(location, globalThis.location?.href ?? 'http://house/').pathname, offset: 0 };
}

/** Where an upload stands; `null` when it is no longer there. */
async function askOffset(address: string, signal: AbortSignal, send: typeof fetch): Promise<number | null> {
  const headers = { 'Tus-Resumable': '1.0.0' };
  const answer = await send(address, { method: 'HEAD', headers, signal });
  if (answer.status === 404 || answer.status === 410) return null;
  if (!answer.ok) throw problemFrom(answer, null);
  return Number(answer.headers.get('Upload-Offset'));
}

async function sendPiece(
  file: Blob,
  address: string,
  offset: number,
  signal: AbortSignal,
  send: typeof fetch,
): Promise<number> {
  const headers = {
    'Tus-Resumable': '1.0.0',
    'Upload-Offset': String(offset),
    'Content-Type': 'application/offset+octet-stream',
  };
  const body = file.slice(offset, offset + PIECE);
  const answer = await request(send, address, { method: 'PATCH', headers, body, signal });
  return Number(answer.headers.get('Upload-Offset'));
}

async function request(send: typeof fetch, address: string, init: RequestInit): Promise<Response> {
  const answer = await send(address, init);
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

function rest(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
