import { expect, it } from 'vitest';
import { examine, versionOf } from './examine';

it('finds out what answers and what does not', async () => {
  const send = (async (path: string) => {
    if (path === '/healthz') return new Response('alive');
    if (path === '/readyz') return new Response('no database', { status: 503 });
    throw new TypeError('no network');
  }) as typeof fetch;
  const findings = await examine(send, () => 7);
  expect(findings).toEqual([
    { what: 'alive', isWell: true, milliseconds: 0 },
    { what: 'ready', isWell: false, milliseconds: 0 },
    { what: 'api', isWell: false, milliseconds: 0 },
  ]);
});

it('reads the version, and does without', async () => {
  const send = (async () => new Response('{"info":{"version":"1.2.3"}}')) as typeof fetch;
  const broken = (async () => new Response('<html>')) as typeof fetch;
  expect([await versionOf(send), await versionOf(broken)]).toEqual(['1.2.3', null]);
});
