import { describe, expect, it } from 'vitest';
import type { Carry, Parcel } from '../uploads/carry';
import { sendFile } from './sending';

const file = new File(['a drive'], 'drive.txt', { type: 'text/plain', lastModified: 0 });
const PLACED = { 'Content-Location': '/api/v1/drive/entries/e1' };

/** Answers in turn, and remembers what was asked. */
function house(...answers: Response[]) {
  const asked: [string, Parcel][] = [];
  const carry: Carry = async (address, parcel) => {
    asked.push([`${parcel.method} ${address}`, parcel]);
    return answers.shift() ?? new Response(null, { status: 500 });
  };
  const urls: (string | null)[] = [];
  const hooks = {
    signal: new AbortController().signal,
    onUrl: (url: string | null) => void urls.push(url),
    onProgress: () => undefined,
  };
  const send = (url: string | null) =>
    sendFile({ file, path: '/in/drive.txt', rule: 'rename', url }, hooks, carry);
  return { send, asked, urls, lines: () => asked.map(([line]) => line) };
}

const answer = (status: number, headers: Record<string, string> = {}, body: string | null = null) =>
  new Response(body, { status, headers });
const created = () => answer(201, { Location: '/api/v1/uploads/u1', 'Upload-Offset': '7', ...PLACED });

describe('a file on its way into the drive', () => {
  it('says where it shall be, and answers what it became', async () => {
    const { send, asked, urls } = house(created());
    expect(await send(null)).toBe('e1');
    const metadata = asked[0]?.[1].headers?.['Upload-Metadata'] ?? '';
    expect(metadata).toContain(`path ${btoa('/in/drive.txt')}`);
    expect(metadata).toContain(`on_conflict ${btoa('rename')}`);
    expect(urls).toEqual(['/api/v1/uploads/u1']);
  });

  it('goes on at the byte that the house has', async () => {
    const at = (offset: string, more = {}) => answer(204, { 'Upload-Offset': offset, ...more });
    const { send, asked, lines } = house(at('3'), at('7', PLACED));
    expect(await send('/api/v1/uploads/u0')).toBe('e1');
    expect(lines()).toEqual(['HEAD /api/v1/uploads/u0', 'PATCH /api/v1/uploads/u0']);
    expect(await asked[1]?.[1].body?.text()).toBe('rive');
  });

  it('sends nothing that is there already', async () => {
    const { send, lines } = house(answer(200, { 'Upload-Offset': '7', ...PLACED }));
    expect(await send('/api/v1/uploads/u0')).toBe('e1');
    expect(lines()).toEqual(['HEAD /api/v1/uploads/u0']);
  });

  it('begins anew when the upload is gone', async () => {
    const { send, lines, urls } = house(answer(410), created());
    expect(await send('/api/v1/uploads/u0')).toBe('e1');
    expect(lines()).toEqual(['HEAD /api/v1/uploads/u0', 'POST /api/v1/uploads']);
    expect(urls).toEqual([null, '/api/v1/uploads/u1']);
  });

  it('says again where complete bytes shall be, and shows what the house says to it', async () => {
    const again = house(answer(409), answer(204, PLACED));
    expect(await again.send('/api/v1/uploads/u0')).toBe('e1');
    expect(again.asked[1]?.[1].body).toBeUndefined();
    expect(again.asked[1]?.[1].headers?.['Upload-Offset']).toBe('7');
    const full = house(answer(507), answer(507, {}, '{"code":"over_quota","detail":"No room."}'));
    await expect(full.send('/api/v1/uploads/u0')).rejects.toThrow('No room.');
  });
});
