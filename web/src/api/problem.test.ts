import { afterEach, describe, expect, it, vi } from 'vitest';
import { call, onSignedOut } from './client';
import { speakRefusals } from '../i18n/refusals';
import { ApiProblem, asProblem, networkProblem, problemFrom, readRetryAfter } from './problem';

const answer = (status: number, headers: Record<string, string> = {}) =>
  new Response(null, { status, headers });

describe('an error answer', () => {
  it('becomes a problem with its detail and the faults of its fields', () => {
    const problem = problemFrom(answer(422), {
      type: '/problems/invalid',
      title: 'Some fields are not valid',
      status: 422,
      code: 'invalid',
      detail: 'Two fields are wrong.',
      request_id: 'r1',
      errors: [
        { field: 'username', code: 'too_short', detail: 'Too short.' },
        { field: 'username', code: 'invalid_format', detail: 'Odd letters.' },
        { field: 'password', code: 'weak', detail: 'Too weak.' },
      ],
    });
    expect(problem.message).toBe('Two fields are wrong.');
    expect([problem.status, problem.code, problem.requestId]).toEqual([422, 'invalid', 'r1']);
    expect(problem.fields).toEqual({ username: 'Too short.', password: 'Too weak.' });
    expect(problem.isPassing).toBe(false);
  });

  it('falls back to the title, and to words of our own when the body is no problem', () => {
    expect(problemFrom(answer(409), { title: 'Taken', code: 'username_taken' }).message).toBe('Taken');
    for (const body of [undefined, '<html>', null, 7]) {
      const problem = problemFrom(answer(502), body);
      expect(problem.message).toContain('502');
      expect([problem.code, problem.isPassing]).toEqual(['unexpected', true]);
    }
  });

  it('knows how long to wait', () => {
    expect(problemFrom(answer(429, { 'Retry-After': '17' }), { code: 'too_many_requests' }).retryAfter).toBe(
      17,
    );
    const now = Date.parse('2026-01-01T00:00:00Z');
    expect(readRetryAfter('Thu, 01 Jan 2026 00:00:30 GMT', now)).toBe(30);
    expect(readRetryAfter('Thu, 01 Jan 2020 00:00:30 GMT', now)).toBe(0);
    expect([readRetryAfter(null), readRetryAfter('soon')]).toEqual([undefined, undefined]);
  });

  it('is a lost connection when nothing answered', () => {
    expect(asProblem(new TypeError('Failed to fetch')).code).toBe('network');
    expect(networkProblem().isPassing).toBe(true);
    expect(asProblem(new Error('x')).code).toBe('client');
  });
});

describe('a call', () => {
  afterEach(() => onSignedOut(() => undefined));

  it('gives the data of a success, and nothing for 204', async () => {
    expect(await call(Promise.resolve({ data: { a: 1 }, response: answer(200) }))).toEqual({ a: 1 });
    expect(await call(Promise.resolve({ response: answer(204) }))).toBeUndefined();
  });

  it('tells when nobody is signed in, but not for a wrong password', async () => {
    const listener = vi.fn();
    onSignedOut(listener);
    const refuse = (code: string) => call(Promise.resolve({ error: { code }, response: answer(401) }));
    await expect(refuse('wrong_credentials')).rejects.toMatchObject({ code: 'wrong_credentials' });
    expect(listener).not.toHaveBeenCalled();
    await expect(refuse('not_signed_in')).rejects.toBeInstanceOf(ApiProblem);
    expect(listener).toHaveBeenCalledOnce();
  });

  it('maps a lost connection, and lets an aborted call stay aborted', async () => {
    await expect(call(Promise.reject(new TypeError('Failed to fetch')))).rejects.toMatchObject({
      code: 'network',
    });
    const aborted = new DOMException('aborted', 'AbortError');
    await expect(call(Promise.reject(aborted))).rejects.toBe(aborted);
  });
});

describe('in Chinese', () => {
  afterEach(() => speakRefusals('en'));

  it('a refusal is told by its code, and by the words of the house where the code says too little', async () => {
    const told = (code: string, detail: string) => problemFrom(answer(409), { code, detail }).message;
    expect(told('name_taken', 'Taken.')).toBe('Taken.');
    await speakRefusals('zh');
    expect(told('name_taken', 'Taken.')).toBe('名称已被占用。');
    expect(told('conflict', 'A folder cannot hold itself.')).toBe(
      '与当前状态冲突。（A folder cannot hold itself.）',
    );
    expect(told('on_fire', 'A newer house.')).toBe('A newer house.');
    expect(problemFrom(answer(500), { title: 'Odd' }).message).toBe('Odd');
  });

  it('a fault of a field keeps its numbers', async () => {
    await speakRefusals('zh');
    const errors = [
      { field: 'password', code: 'too_short', detail: 'A password has at least 8 bytes.' },
      { field: 'count', code: 'out_of_range', detail: 'count is from 1 to 500.' },
      { field: 'odd', code: 'brand_new', detail: 'A newer house.' },
    ];
    expect(problemFrom(answer(422), { code: 'invalid', errors }).fields).toEqual({
      password: '太短，至少 8 个字符。',
      count: '须在 1 到 500 之间。',
      odd: 'A newer house.',
    });
  });
});
