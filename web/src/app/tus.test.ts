import { describe, expect, it } from 'vitest';
import { metadataHeader, sendFile, uploadId } from './tus';

/** A house that keeps one upload, and answers as it is told to. */
function house(faults: (() => Response | Error | null)[] = []) {
  let held: Uint8Array = new Uint8Array();
  let exists = false;
  const calls: string[] = [];
  const send = (async (address: string, init: RequestInit) => {
    calls.push(String(init.method));
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
    const body = new Uint8Array(await (init.body as Blob).arrayBuffer());
    const offset = Number((init.headers as Record<string, string>)['Upload-Offset']);
    if (offset !== held.length) return new Response('{"code":"offset_mismatch"}', { status: 409 });
    const longer = new Uint8Array(held.length + body.length);
    longer.set(held);
    longer.set(body, held.length);
    held = longer;
    return new Response(null, { status: 204, headers: { 'Upload-Offset': String(held.length) } });
  }) as unknown as typeof fetch;
  return { send, calls, held: () => held, hold: (bytes: Uint8Array) => ((held = bytes), (exists = true)) };
}

const bytes = Uint8Array.from({ length: 5 * 1024 * 1024 }, (_, index) => index % 251);
const file = new Blob([bytes]);

/** Compares by hand: an assertion over megabytes would take seconds. */
const isWhole = (held: Uint8Array) =>
  held.length === bytes.length && held.every((byte, index) => byte === bytes[index]);

function options(send: typeof fetch, told: number[] = [], address?: string) {
  return {
    metadata: { purpose: 'movie' },
    address,
    signal: new AbortController().signal,
    onaddress: () => undefined,
    onprogress: (sent: number) => told.push(sent),
    send,
    sleep: async () => undefined,
  };
}

describe('an upload by tus', () => {
  it('sends everything in pieces and tells how far it is', async () => {
    const { send, held, calls } = house();
    const told: number[] = [];
    expect(uploadId(await sendFile(file, options(send, told)))).toBe('u1');
    expect(isWhole(held())).toBe(true);
    expect(calls).toEqual(['POST', 'PATCH', 'PATCH']);
    expect(told).toEqual([0, 4 * 1024 * 1024, bytes.length]);
  });

  it('goes on where the house stands after a broken connection and a passing refusal', async () => {
    const { send, held, calls } = house([
      () => null,
      () => new TypeError('broken'),
      () => new Response(null, { status: 503 }),
    ]);
    await sendFile(file, options(send));
    expect(isWhole(held())).toBe(true);
    expect(calls).toEqual(['POST', 'PATCH', 'PATCH', 'HEAD', 'PATCH', 'HEAD', 'PATCH']);
  });

  it('takes up an upload of before, and begins anew when it is gone', async () => {
    const before = house();
    before.hold(bytes.slice(0, 1000));
    await sendFile(file, options(before.send, [], '/api/v1/uploads/u1'));
    expect(isWhole(before.held())).toBe(true);
    expect(before.calls[0]).toBe('HEAD');
    const gone = house();
    await sendFile(file, options(gone.send, [], '/api/v1/uploads/u1'));
    expect(gone.calls.slice(0, 2)).toEqual(['HEAD', 'POST']);
  });

  it('stops at a refusal that will not pass, in the words of the house', async () => {
    const full = () => new Response('{"code":"over_quota","detail":"No room."}', { status: 413 });
    const { send, calls } = house([full]);
    await expect(sendFile(file, options(send))).rejects.toThrow('No room.');
    expect(calls).toEqual(['POST', 'PATCH']);
  });

  it('gives up when the connection stays broken', async () => {
    const broken = () => new TypeError('broken');
    const { send } = house([broken, broken, broken, broken]);
    await expect(sendFile(file, options(send))).rejects.toMatchObject({ code: 'network' });
  });

  it('writes names in any script', () => {
    expect(metadataHeader({ filename: '影.mp4', purpose: 'movie' })).toBe(
      'filename 5b2xLm1wNA==,purpose bW92aWU=',
    );
  });
});
