import { t } from '../i18n';
import { faultOf, refusalOf } from '../i18n/refusals';

/** The body of every error answer (RFC 9457), as far as the client reads it. */
export interface ProblemBody {
  title?: string;
  status?: number;
  code?: string;
  detail?: string | null;
  request_id?: string | null;
  errors?: { field: string; code?: string; detail: string }[] | null;
}

/** What a call throws: the server's problem, or `network` when nothing answered. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly requestId: string | undefined;
  readonly retryAfter: number | undefined;
  /** Field name -> what is wrong with it; the first fault of a field wins. */
  readonly fields: Readonly<Record<string, string>>;

  constructor(status: number, body: ProblemBody, retryAfter?: number) {
    super(refusalOf(body.code, body.detail) || body.detail || body.title || t.errors.unexpected);
    this.name = 'ApiProblem';
    this.status = status;
    this.code = body.code ?? (status === 0 ? 'network' : 'unexpected');
    this.requestId = body.request_id ?? undefined;
    this.retryAfter = retryAfter;
    this.fields = firstByField(body.errors ?? []);
  }

  /** Whether the outcome is unknown or passing, so that the same request may be sent again. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/** Reads an answer that is not a success. A body that is no problem document still gives a clear one. */
export function problemFrom(response: Response, body: unknown): ApiProblem {
  const known = isProblemBody(body) ? body : { title: t.errors.status(response.status) };
  return new ApiProblem(response.status, known, readRetryAfter(response.headers.get('Retry-After')));
}

export function networkProblem(): ApiProblem {
  return new ApiProblem(0, { code: 'network', title: t.errors.network });
}

/** Anything thrown -> a problem that can be shown. */
export function asProblem(thrown: unknown): ApiProblem {
  if (thrown instanceof ApiProblem) return thrown;
  if (thrown instanceof TypeError) return networkProblem();
  return new ApiProblem(500, { code: 'client', title: t.errors.unexpected });
}

/** `Retry-After` in seconds or as a date -> whole seconds from now. */
export function readRetryAfter(value: string | null, now = Date.now()): number | undefined {
  if (!value) return undefined;
  if (/^\d+$/.test(value.trim())) return Number(value);
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now) / 1000));
}

function isProblemBody(body: unknown): body is ProblemBody {
  return typeof body === 'object' && body !== null && ('code' in body || 'detail' in body || 'title' in body);
}

function firstByField(errors: { field: string; code?: string; detail: string }[]): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const { field, code, detail } of errors) fields[field] ??= faultOf(code, detail);
  return fields;
}
