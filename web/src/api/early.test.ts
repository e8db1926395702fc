import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fetchOrEarly } from './early';

const FILMS = '/api/v1/movies?limit=14';
const request = (path = FILMS, method = 'GET') => new Request(`http://house${path}`, { method });
const said = async (asked: Request) => (await fetchOrEarly(asked)).text();

beforeEach(() => {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response('late')));
  vi.stubGlobal('window', {});
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function early(answer: Promise<Response>) {
  window.playhouseEarly = new Map([[FILMS, answer]]);
}

describe('what was asked for before the script came', () => {
  it('is taken once, by the request that it is for', async () => {
    early(Promise.resolve(new Response('early')));
    expect(await said(request('/api/v1/movies'))).toBe('late');
    expect(await said(request(FILMS, 'DELETE'))).toBe('late');
    expect(await said(request())).toBe('early');
    expect(await said(request())).toBe('late');
  });

  it('is asked for again when it was refused, broke or is old', async () => {
    early(Promise.resolve(new Response('who are you?', { status: 401 })));
    expect(await said(request())).toBe('late');
    early(Promise.reject(new TypeError('no answer')));
    expect(await said(request())).toBe('late');
    early(Promise.resolve(new Response('early')));
    vi.spyOn(performance, 'now').mockReturnValue(16_000);
    expect(await said(request())).toBe('late');
  });
});
