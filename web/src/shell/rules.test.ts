import { describe, expect, it } from 'vitest';
import { matchPath } from '../app/routes';
import { mayKeep, treatmentOf } from './rules';

const HOUSE = 'https://house.example';
const isPage = (path: string) => matchPath(path) !== null;

function of(path: string, init: Partial<{ method: string; mode: string; range: boolean }> = {}) {
  const url = new URL(path, HOUSE).href;
  return treatmentOf({ method: 'GET', mode: 'navigate', range: false, ...init, url }, HOUSE, isPage);
}

describe('the service worker', () => {
  it.each([
    '/api/v1/me',
    '/api/v1/movies/1/playback',
    '/api/v1/drive/entries/1/content',
    '/api/v1/openapi.json',
    '/api',
    '/media/play/abc',
    '/media/posters/1.jpg',
    '/media',
    '/feeds/notices.atom',
    '/dav/film.mp4',
    '/s/secret',
    '/metrics',
    '/healthz',
    '/readyz',
    '/problems/not_found',
    '/favicon.ico',
    '/assets/../api/v1/me',
    '/no/such/page',
  ])('leaves %s to the house, however it is asked for', (path) => {
    for (const mode of ['navigate', 'no-cors', 'cors', 'same-origin']) {
      expect(of(path, { mode })).toBe('leave');
    }
  });

  it('leaves what is no plain GET, parts of files, and other sites', () => {
    expect(of('/', { method: 'POST' })).toBe('leave');
    expect(of('/assets/a-1.js', { method: 'HEAD' })).toBe('leave');
    expect(of('/assets/a-1.js', { range: true })).toBe('leave');
    expect(of('https://elsewhere.example/assets/a-1.js')).toBe('leave');
  });

  it('keeps the shell', () => {
    expect(of('/assets/index-abc.js', { mode: 'cors' })).toBe('asset');
    expect([of('/'), of('/movies/1'), of('/admin/movies')]).toEqual(['page', 'page', 'page']);
    expect(of('/', { mode: 'cors' })).toBe('leave');
  });

  it('keeps no failure, and nothing that is private', () => {
    const basic = (init: ResponseInit) =>
      Object.defineProperty(new Response(init.status === 206 ? 'x' : null, init), 'type', { value: 'basic' });
    expect(mayKeep(basic({ status: 200 }))).toBe(true);
    expect(mayKeep(basic({ status: 206 }))).toBe(false);
    expect(mayKeep(basic({ status: 404 }))).toBe(false);
    expect(mayKeep(basic({ status: 200, headers: { 'Cache-Control': 'private, max-age=5' } }))).toBe(false);
    expect(mayKeep(basic({ status: 200, headers: { 'Cache-Control': 'no-store' } }))).toBe(false);
    expect(mayKeep(new Response('x'))).toBe(false);
  });
});
