import { expect, it } from 'vitest';
import { safeHref } from './safe';

it.each(['https://example.org/a?b', 'http://example.org', 'mailto:a@example.org', '/movies'])(
  '%s may be followed',
  (href) => expect(safeHref(href)).toBe(href),
);

it.each([
  'javascript:alert(1)',
  ' JavaScript:alert(1)',
  'data:text/html,x',
  '//elsewhere',
  '/\\elsewhere',
  'vbscript:x',
])('%s may not', (href) => expect(safeHref(href)).toBeUndefined());
