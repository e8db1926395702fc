import { call, api } from '../../api/client';
import { asProblem, problemFrom, type ApiProblem } from '../../api/problem';
import type { Stats } from '../../api/types';
import { readMetrics, trafficOf, type Sample } from '../../app/metrics';
import { Rate, Recent } from './trace';

const EVERY_MS = 5000;
/** A quarter of an hour. */
const READINGS = 180;

/** What is drawn as a line; `requests`, `failed` and `delivered` are a second's worth. */
export const TRACED = [
  'connections',
  'streams',
  'transfers',
  'requests',
  'failed',
  'delivered',
  'running',
  'revenue',
] as const;
export type Traced = (typeof TRACED)[number];

/**
 * The house while somebody looks: its figures, and what they were in the last minutes. It goes on in every area of the
 * console, and keeps what it has seen when somebody leaves and comes back; the house itself keeps no such history.
 */
export class Watch {
  stats: Stats | null = $state.raw(null);
  samples: Sample[] | null = $state.raw(null);
  problem: ApiProblem | null = $state.raw(null);
  lines: Record<Traced, number[]> = $state.raw(none());
  #recent = new Map(TRACED.map((name) => [name, new Recent(READINGS)]));
  #rates = new Map<Traced, Rate>();
  #account = '';

  /** Reads now and every few seconds, for one account. Returns the way to stop. */
  start(account: string): () => void {
    if (account !== this.#account) this.#forget();
    this.#account = account;
    void this.read();
    const timer = setInterval(() => {
      if (!document.hidden) void this.read();
    }, EVERY_MS);
    return () => clearInterval(timer);
  }

  async read(): Promise<void> {
    try {
      const [stats, samples] = await Promise.all([call(api.GET('/api/v1/admin/stats')), fetchMetrics()]);
      this.stats = stats;
      this.samples = samples;
      this.problem = null;
      this.#note(stats, samples && trafficOf(samples));
    } catch (thrown) {
      this.problem = asProblem(thrown);
    }
  }

  #forget(): void {
    this.stats = this.samples = this.problem = null;
    this.lines = none();
    this.#recent = new Map(TRACED.map((name) => [name, new Recent(READINGS)]));
    this.#rates.clear();
  }

  #note(stats: Stats, traffic: ReturnType<typeof trafficOf> | null): void {
    const now = performance.now();
    const read: Record<Traced, number | null | undefined> = {
      connections: stats.live?.connections,
      streams: stats.live?.streams,
      transfers: stats.live?.transfers,
      running: stats.downloads_running,
      revenue: stats.revenue,
      delivered: this.#perSecond('delivered', stats.bytes_sent, now),
      requests: traffic && this.#perSecond('requests', traffic.requests, now),
      failed: traffic && this.#perSecond('failed', traffic.failed, now),
    };
    const lines = { ...this.lines };
    for (const name of TRACED) {
      const value = read[name];
      if (typeof value === 'number') lines[name] = this.#recent.get(name)?.add(value) ?? [];
    }
    this.lines = lines;
  }

  #perSecond(name: Traced, count: number, now: number): number | null {
    const rate = this.#rates.get(name) ?? new Rate();
    this.#rates.set(name, rate);
    return rate.next(count, now);
  }
}

export const watch = new Watch();

function none(): Record<Traced, number[]> {
  return Object.fromEntries(TRACED.map((name) => [name, []])) as unknown as Record<Traced, number[]>;
}

/** What the house measured; `null` where something in front of it keeps that address for itself. */
async function fetchMetrics(): Promise<Sample[] | null> {
  const answer = await fetch('/metrics');
  if (answer.status === 403 || answer.status === 404) return null;
  if (!answer.ok) throw problemFrom(answer, null);
  return readMetrics(await answer.text());
}
