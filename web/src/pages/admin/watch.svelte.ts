import { call, api } from '../../api/client';
import { asProblem, problemFrom, type ApiProblem } from '../../api/problem';
import type { LiveStats } from '../../api/console';
import { readMetrics, trafficOf, type Sample } from '../../app/metrics';
import { Rate, Recent } from './trace';

const EVERY_MS = 4000;
const READINGS = 75;

/** The house while somebody looks: its figures, and what they were in the last minutes of this visit. */
export class Watch {
  stats: LiveStats | null = $state.raw(null);
  samples: Sample[] | null = $state.raw(null);
  problem: ApiProblem | null = $state.raw(null);
  requests: number[] = $state.raw([]);
  delivered: number[] = $state.raw([]);
  running: number[] = $state.raw([]);
  #requests = { rate: new Rate(), recent: new Recent(READINGS) };
  #delivered = { rate: new Rate(), recent: new Recent(READINGS) };
  #running = new Recent(READINGS);

  /** Reads now and every few seconds. Returns the way to stop. */
  start(): () => void {
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
      this.#note(stats, samples);
    } catch (thrown) {
      this.problem = asProblem(thrown);
    }
  }

  #note(stats: LiveStats, samples: Sample[] | null): void {
    const now = performance.now();
    const asked = samples && this.#requests.rate.next(trafficOf(samples).requests, now);
    if (asked !== null) this.requests = this.#requests.recent.add(asked);
    const delivered = this.#delivered.rate.next(stats.bytes_sent, now);
    if (delivered !== null) this.delivered = this.#delivered.recent.add(delivered);
    this.running = this.#running.add(stats.downloads_running);
  }
}

/** What the house measured; `null` where something in front of it keeps that address for itself. */
async function fetchMetrics(): Promise<Sample[] | null> {
  const answer = await fetch('/metrics');
  if (answer.status === 403 || answer.status === 404) return null;
  if (!answer.ok) throw problemFrom(answer, null);
  return readMetrics(await answer.text());
}
