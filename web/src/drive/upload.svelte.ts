import type { ApiProblem } from '../api/problem';
import { fingerprint } from '../uploads/kept';
import { folderOf, nameOf } from './entries';
import type { Batch } from './questions.svelte';
import type { Rule } from './sending';

/**
 * `lost` has begun before a reload and needs its file again; `asking` waits for a decision about a taken name;
 * `resting` is tried again at `retryAt`.
 */
export type UploadState =
  'waiting' | 'sending' | 'resting' | 'paused' | 'asking' | 'failed' | 'lost' | 'done' | 'skipped';

let count = 0;

/** One file that shall be in the drive. */
export class Upload {
  readonly id = `upload-${(count += 1)}`;
  readonly path: string;
  readonly size: number;
  readonly batch: Batch;
  readonly print: string;
  file: File | null;
  url: string | null = null;
  rule: Rule = 'fail';
  attempts = 0;
  state: UploadState = $state('waiting');
  sent = $state(0);
  problem: ApiProblem | null = $state.raw(null);
  retryAt: number | null = $state(null);
  abort: AbortController | null = null;

  constructor(path: string, size: number, file: File | null, batch: Batch, print?: string) {
    this.path = path;
    this.size = size;
    this.file = file;
    this.batch = batch;
    this.print = print ?? (file ? fingerprint(path, file) : path);
  }

  get name(): string {
    return nameOf(this.path);
  }

  get folder(): string {
    return folderOf(this.path);
  }

  get isOver(): boolean {
    return this.state === 'done' || this.state === 'skipped';
  }

  get isMoving(): boolean {
    return this.state === 'sending' || this.state === 'resting';
  }
}

/** What a list of uploads comes to. */
export interface Figures {
  total: number;
  done: number;
  open: number;
  /** Being sent, waiting for their turn, or for the next attempt. */
  running: number;
  paused: number;
  troubled: number;
  bytes: number;
  sent: number;
}

export function figuresOf(uploads: readonly Upload[]): Figures {
  const figures: Figures = {
    total: 0,
    done: 0,
    open: 0,
    running: 0,
    paused: 0,
    troubled: 0,
    bytes: 0,
    sent: 0,
  };
  for (const { state, size, sent } of uploads) {
    if (state === 'skipped') continue;
    figures.total += 1;
    figures.bytes += size;
    figures.sent += state === 'done' ? size : Math.min(sent, size);
    if (state === 'done') figures.done += 1;
    else figures.open += 1;
    if (state === 'sending' || state === 'waiting' || state === 'resting') figures.running += 1;
    if (state === 'paused') figures.paused += 1;
    if (state === 'failed' || state === 'asking' || state === 'lost') figures.troubled += 1;
  }
  return figures;
}

const ORDER: Record<UploadState, number> = {
  asking: 0,
  failed: 1,
  lost: 2,
  sending: 3,
  resting: 3,
  paused: 4,
  waiting: 5,
  done: 6,
  skipped: 7,
};

/** The first ones to show: what needs somebody, then what moves, then what waits. */
export function mostPressing(uploads: readonly Upload[], most: number): Upload[] {
  const groups = new Map<number, Upload[]>();
  for (const upload of uploads) {
    const rank = ORDER[upload.state];
    const group = groups.get(rank);
    if (!group) groups.set(rank, [upload]);
    else if (group.length < most) group.push(upload);
  }
  return [...groups]
    .sort(([a], [b]) => a - b)
    .flatMap(([, group]) => group)
    .slice(0, most);
}
