import { describe, expect, it } from 'vitest';
import { readHeaders, type Carry } from './carry';
import { metadataHeader, sendFile, uploadId } from './tus';

/** A house that keeps one upload, and answers as it is told to. */
function house(faults: (() => Response | Error | null)[] = []) {
  let held: Uint8Array = new Uint8Array();
  let exists = false;
  const calls: string[] = [];
  const carry: Carry = async (address, init) => {
    calls.push(init.method);
    if (init.method === 'POST') {
      exists = true;
      return new Response(null, { status: 201, headers: { Location: '/api/v1/uploads/u1' } });
    }
    if (init.method === 'HEAD') {
      const headers = { 'Upload-Offset': String(held.length) };
      return exists ? new Response(null, { headers }) : new Response(null, { status: 404 });
    }
    expect(address).toBe('/api/v1/uploads/u1');
    const fault = faults.shift()?.();
    if (fault instanceof Error) throw fault;
    if (fault) return fault;
    const body = new Uint8Array(await (init.body ?? new Blob()).arrayBuffer());
    const offset = Number(init.headers?.['Upload-Offset']);
    if (offset !== held.length) return new Response('{"code":"offset_mismatch"}', { status: 409 });
    const longer = new Uint8Array(held.length + body.length);
    longer.set(held);
    longer.set(body, held.length);
    held = longer;
    return new Response(null, { status: 204, headers: { 'Upload-Offset': String(held.length) } });
  };
  return { carry, calls, held: () => held, hold: (bytes: Uint8Array) => ((held = bytes), (exists = true)) };
}

const bytes = Uint8Array.from({ length: 5 * 1024 * 1024 }, (_, index) => index % 251);
const file = new Blob([bytes]);

/** Compares by hand: an assertion over megabytes would take seconds. */
const isWhole = (held: Uint8Array) =>
  held.length === bytes.length && held.every((byte, index) => byte === bytes[index]);

function options(carry: Carry, told: number[] = [], address?: string) {
  return {
    metadata: { purpose: 'movie' },
    address,
    signal: new AbortController().signal,
    onaddress: () => undefined,
    onprogress: (sent: number) => told.push(sent),
    carry,
    piece: 4 * 1024 * 1024,
    pauses: [1, 2, 3],
    sleep: async () => undefined,
  };
}

describe('an upload by tus', () => {
  it('sends everything in pieces and tells how far it is', async () => {
    const { carry, held, calls } = house();
    const told: number[] = [];
    expect(uploadId((await sendFile(file, options(carry, told))).address)).toBe('u1');
    expect(isWhole(held())).toBe(true);
    expect(calls).toEqual(['POST', 'PATCH', 'PATCH']);
    expect(told).toEqual([0, 4 * 1024 * 1024, bytes.length]);
  });

  it('goes on where the house stands after a broken connection and a passing refusal', async () => {
    const { carry, held, calls } = house([
      () => null,
      () => new TypeError('broken'),
      () => new Response(null, { status: 503 }),
    ]);
    await sendFile(file, options(carry));
    expect(isWhole(held())).toBe(true);
    expect(calls).toEqual(['POST', 'PATCH', 'PATCH', 'HEAD', 'PATCH', 'HEAD', 'PATCH']);
  });

  it('takes up an upload of before, and begins anew when it is gone', async () => {
    const before = house();
    before.hold(bytes.slice(0, 1000));
    await sendFile(file, options(before.carry, [], '/api/v1/uploads/u1'));
    expect(isWhole(before.held())).toBe(true);
    expect(before.calls[0]).toBe('HEAD');
    const gone = house();
    await sendFile(file, options(gone.carry, [], '/api/v1/uploads/u1'));
    expect(gone.calls.slice(0, 2)).toEqual(['HEAD', 'POST']);
  });

  it('stops at a refusal that will not pass, in the words of the house', async () => {
    const full = () => new Response('{"code":"over_quota","detail":"No room."}', { status: 413 });
    const { carry, calls } = house([full]);
    await expect(sendFile(file, options(carry))).rejects.toThrow('No room.');
    expect(calls).toEqual(['POST', 'PATCH']);
  });

  it('gives up when the connection stays broken', async () => {
    const broken = () => new TypeError('broken');
    const { carry } = house([broken, broken, broken, broken]);
    await expect(sendFile(file, options(carry))).rejects.toMatchObject({ code: 'network' });
  });

  it('leaves the next try to whoever asked, when no pauses are said', async () => {
    const { carry, calls } = house([() => new Response(null, { status: 503 })]);
    const asked = sendFile(file, { ...options(carry), pauses: undefined });
    await expect(asked).rejects.toMatchObject({ status: 503 });
    expect(calls).toEqual(['POST', 'PATCH']);
  });

  it('sends a small file with the first request, and the rest of a large one with one more', async () => {
    const sent: [string, number][] = [];
    const carry: Carry = async (_, { method, body, headers }) => {
      const size = body?.size ?? 0;
      sent.push([method, size]);
      const at = String(Number(headers?.['Upload-Offset'] ?? 0) + size);
      return new Response(null, {
        status: 201,
        headers: { Location: '/api/v1/uploads/u2', 'Upload-Offset': at },
      });
    };
    const whole = { ...options(carry), piece: undefined };
    expect((await sendFile(new Blob(['small']), whole)).answer?.status).toBe(201);
    await sendFile(new Blob([]), whole);
    await sendFile(file, whole);
    const begun = { address: '/api/v1/uploads/u2', offset: 5_000_000 };
    await sendFile(file, { ...whole, ...begun });
    expect(sent).toEqual([
      ['POST', 5],
      ['POST', 0],
      ['POST', 0],
      ['PATCH', bytes.length],
      ['PATCH', bytes.length - 5_000_000],
    ]);
  });

  it('stops when it is told to, whatever the house says', async () => {
    const abort = new AbortController();
    const { carry, calls } = house([() => (abort.abort(), new TypeError('broken'))]);
    const asked = sendFile(file, { ...options(carry), signal: abort.signal });
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
    expect(calls).toEqual(['POST', 'PATCH']);
  });

  it('does not take an answer without an offset for progress', async () => {
    const { carry } = house([() => new Response(null, { status: 204 })]);
    const asked = sendFile(file, { ...options(carry), pauses: [] });
    await expect(asked).rejects.toMatchObject({ code: 'network' });
  });

  it('reads the lines of headers that a browser hands over', () => {
    const headers = readHeaders('upload-offset: 12\r\ncontent-location: /a:b\r\n\r\n');
    expect([headers.get('Upload-Offset'), headers.get('Content-Location')]).toEqual(['12', '/a:b']);
    expect([...readHeaders('')]).toEqual([]);
  });

  it('writes names in any script', () => {
    expect(metadataHeader({ filename: '影.mp4', purpose: 'movie' })).toBe(
      'filename 5b2xLm1wNA==,purpose bW92aWU=',
    );
  });
});
