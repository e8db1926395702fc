import { describe, expect, it } from 'vitest';
import type { Webhook, WebhookDelivery } from '../../../api/types';
import schema from '../../../api/schema.d.ts?raw';
import { canSendAgain, eventGroups, eventName, hostOf, plainAddress, subjectOf, troubleOf } from './words';

describe('what a webhook can be told', () => {
  it('is everything that the house tells, once, but tests', () => {
    const line = /^\s+WebhookEvent: ([^;]+);$/m.exec(schema)?.[1] ?? '';
    const told = [...line.matchAll(/"([a-z.]+)"/g)].map(([, event]) => event);
    expect(told).toContain('ping');
    const offered = eventGroups().flatMap(({ events }) => events);
    expect([...offered, 'ping'].sort()).toEqual(told.sort());
  });

  it('keeps its own name when it is not known', () => {
    expect(eventName('order.paid')).toBe('Film sold');
    expect(eventName('moon.risen')).toBe('moon.risen');
  });
});

describe('an address', () => {
  it.each([
    ['https://hooks.example/in?key=hidden', 'hooks.example', 'https://hooks.example/in?…'],
    ['http://127.0.0.1:8443', '127.0.0.1:8443', 'http://127.0.0.1:8443/'],
    ['http://[2001:db8::1]:81/a', '[2001:db8::1]:81', 'http://[2001:db8::1]:81/a'],
    ['nonsense', 'nonsense', 'nonsense'],
  ])('%s is shown without what may be a key', (url, host, plain) => {
    expect(hostOf(url)).toBe(host);
    expect(plainAddress(url)).toBe(plain);
  });
});

describe('what a delivery is about', () => {
  it.each([
    [{ type: 'notice.published', data: { id: '1', title: 'Closed' } }, 'Closed'],
    [{ type: 'account.registered', data: { id: '1', username: 'ann' } }, 'ann'],
    [{ type: 'order.paid', data: { id: '1', price: 490 } }, undefined],
    [{ type: 'ping', data: {} }, undefined],
    [{ type: 'moon.risen', data: { title: 7 } }, undefined],
    [{}, undefined],
  ])('%j', (body, expected) => {
    expect(subjectOf({ body } as unknown as WebhookDelivery)).toBe(expected);
  });
});

describe('what can be sent again', () => {
  it.each([
    ['queued', 'order.paid', true, false],
    ['failed', 'order.paid', true, true],
    ['delivered', 'order.paid', true, true],
    ['failed', 'order.paid', false, false],
    ['failed', 'ping', false, true],
  ] as const)('%s, %s, switched on: %s', (state, event, is_active, expected) => {
    expect(canSendAgain({ is_active }, { state, event } as WebhookDelivery)).toBe(expected);
  });
});

describe('the trouble of a webhook', () => {
  const since = '2026-11-22T05:00:00Z';
  const last = (last_status: number | null) => ({ last_status }) as WebhookDelivery;

  it.each([
    ['none', true, null, last(204), null],
    ['none before anything was sent', true, null, null, null],
    ['failing', true, since, last(500), 'failing'],
    ['switched off by an admin', false, null, last(204), null],
    ['off after days in vain', false, since, last(null), 'failed'],
    ['off because the receiver is gone', false, since, last(410), 'gone'],
  ] as const)('%s', (_name, is_active, failing_since, last_delivery, expected) => {
    expect(troubleOf({ is_active, failing_since, last_delivery } as Webhook)).toBe(expected);
  });
});
