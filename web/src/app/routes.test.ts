import { describe, expect, it } from 'vitest';
import { categoryOptions, filterQuery, isNarrowed, readFilters } from './filters';
import { hrefTo, matchPath, queryString, ROUTES, safeNext } from './routes';

describe('the router', () => {
  it.each([
    ['/', 'catalogue', {}],
    ['/movies/0190-a', 'film', { id: '0190-a' }],
    ['/movies/0190-a/', 'film', { id: '0190-a' }],
    ['/movies/a%2Fb', 'film', { id: 'a/b' }],
    ['/series', 'series', {}],
    ['/series/0190-a', 'oneSeries', { id: '0190-a' }],
    ['/drive', 'drive', {}],
    ['/drive/trash', 'driveTrash', {}],
    ['/drive/0190-a', 'driveFolder', { id: '0190-a' }],
    ['/sign-in', 'signIn', {}],
  ])('%s leads to %s', (path, name, params) => {
    expect(matchPath(path)).toEqual({ name, params });
  });

  it.each(['/movies', '/movies/a/b', '/nowhere', '/movies/%E0%A4%A', '/Notices'])(
    '%s leads nowhere',
    (path) => {
      expect(matchPath(path)).toBeNull();
    },
  );

  it('writes addresses that it reads back', () => {
    expect(hrefTo('film', { id: 'a/b?' })).toBe('/movies/a%2Fb%3F');
    expect(matchPath(hrefTo('film', { id: 'a/b?' }))).toEqual({ name: 'film', params: { id: 'a/b?' } });
    expect(hrefTo('catalogue', {}, { q: 'sea & sky', tag: '', price: undefined })).toBe('/?q=sea+%26+sky');
    expect(queryString({})).toBe('');
  });

  it('has no two pages at one address', () => {
    const patterns = Object.values(ROUTES);
    expect(new Set(patterns).size).toBe(patterns.length);
  });

  it('goes on only to a path of this site after a sign-in', () => {
    expect(safeNext('/movies/1?x=2')).toBe('/movies/1?x=2');
    for (const bad of [
      null,
      '',
      'https://elsewhere.example',
      '//elsewhere.example',
      '/\\elsewhere.example',
      'x',
    ]) {
      expect(safeNext(bad)).toBe('/');
    }
  });
});

describe('filters', () => {
  it('come from the address and go back to it', () => {
    const search = '?q=sea&price=paid&category=Drama&tag=night&sort=title';
    const filters = readFilters(new URLSearchParams(search));
    expect(queryString(filterQuery(filters))).toBe(search);
    expect(readFilters(new URLSearchParams(queryString(filterQuery(filters))))).toEqual(filters);
  });

  it('leave the plain catalogue plain', () => {
    const filters = readFilters(new URLSearchParams('price=all&sort=newest'));
    expect(queryString(filterQuery(filters))).toBe('');
    expect(isNarrowed(filters)).toBe(false);
    expect(isNarrowed({ ...filters, tag: 'night' })).toBe(true);
  });

  it('ignore what they do not know', () => {
    const filters = readFilters(new URLSearchParams('price=cheap&sort=loud&q=++'));
    expect(filters).toEqual({ q: '', price: 'all', category: '', tag: '', sort: 'newest' });
  });
});

describe('the categories to choose from', () => {
  const facets = [
    { name: 'Short', count: 12 },
    { name: 'Drama', count: 3 },
  ];

  it('stand by name, each with its films', () => {
    expect(categoryOptions(facets, 'Short')).toEqual([
      { value: 'Drama', label: 'Drama (3)' },
      { value: 'Short', label: 'Short (12)' },
    ]);
  });

  it('keep the chosen one when no film has it', () => {
    expect(categoryOptions(facets, 'Opera').map(({ label }) => label)).toEqual([
      'Drama (3)',
      'Opera',
      'Short (12)',
    ]);
    expect(categoryOptions([], '')).toEqual([]);
  });
});
