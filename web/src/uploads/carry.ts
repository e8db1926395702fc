import { networkProblem } from '../api/problem';

export interface Parcel {
  method: string;
  headers?: Record<string, string>;
  body?: Blob;
  signal: AbortSignal;
  /** How many bytes of the body have left this computer. */
  onprogress?: (bytes: number) => void;
}

/** Takes a request to the house and brings the answer back. Throws a problem, or an `AbortError`. */
export type Carry = (address: string, parcel: Parcel) => Promise<Response>;

/** Only `XMLHttpRequest` tells how far a body is; everything else goes the shorter way. */
export const carry: Carry = async (address, parcel) => {
  if (parcel.body) return carryBody(address, parcel.body, parcel);
  try {
    return await fetch(address, { method: parcel.method, headers: parcel.headers, signal: parcel.signal });
  } catch (thrown) {
    throw parcel.signal.aborted ? stopped() : thrown;
  }
};

function carryBody(address: string, body: Blob, { method, headers, signal, onprogress }: Parcel) {
  return new Promise<Response>((done, fail) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    request.open(method, address);
    for (const [name, value] of Object.entries(headers ?? {})) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded }) => onprogress?.(loaded);
    request.onload = () => done(answerOf(request));
    request.onerror = () => fail(networkProblem());
    request.onabort = () => fail(stopped());
    request.onloadend = () => signal.removeEventListener('abort', stop);
    signal.addEventListener('abort', stop);
    if (signal.aborted) fail(stopped());
    else request.send(body);
  });
}

function answerOf(request: XMLHttpRequest): Response {
  const { status, responseText } = request;
  const isEmpty = status === 204 || status === 205 || status === 304;
  return new Response(isEmpty ? null : responseText, {
    status,
    headers: readHeaders(request.getAllResponseHeaders()),
  });
}

/** `name: value` on each line, as the browser hands them over. */
export function readHeaders(lines: string): Headers {
  const headers = new Headers();
  for (const line of lines.trim().split(/[\r\n]+/)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.append(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
  }
  return headers;
}

function stopped(): DOMException {
  return new DOMException('The upload was stopped.', 'AbortError');
}
