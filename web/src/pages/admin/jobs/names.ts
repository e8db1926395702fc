import type { Job } from '../../../api/types';
import { tAdmin } from '../../../i18n/admin';

/** What a job is about, in words: a rendition's with the quality that it makes. */
export function nameOf(job: Job): string {
  const kind = tAdmin.jobs.kinds[job.kind] ?? job.kind;
  return job.kind === 'rendition' && job.payload ? `${kind} ${job.payload}` : kind;
}

export function badgeOf(state: Job['state']): 'good' | 'bad' | 'accent' | 'plain' {
  if (state === 'done') return 'good';
  if (state === 'failed') return 'bad';
  return state === 'running' ? 'accent' : 'plain';
}

/** Whether it can be tried now: after it ended badly, or instead of waiting for its next attempt. */
export function canRetry({ state, attempts }: Pick<Job, 'state' | 'attempts'>): boolean {
  return state === 'failed' || state === 'cancelled' || (state === 'waiting' && attempts > 0);
}

export function canCancel({ state }: Pick<Job, 'state'>): boolean {
  return state === 'waiting' || state === 'running';
}
