/** One line of what the house measured: `name{label="value"} 3`. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** Reads the text form of Prometheus, as far as the house writes it. Lines it does not know are left out. */
export function readMetrics(text: string): Sample[] {
  return text.split('\n').flatMap((line) => {
    const found = /^([a-z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/i.exec(line);
    const value = Number(found?.[3]);
    if (!found?.[1] || Number.isNaN(value)) return [];
    return [{ name: found[1], labels: readLabels(found[2] ?? ''), value }];
  });
}

function readLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [, key, value] of text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) {
    if (key !== undefined) labels[key] = (value ?? '').replace(/\\(.)/g, '$1');
  }
  return labels;
}

/** Requests since the start: all, refused ones (4xx) and failures of the house (5xx). */
export interface Traffic {
  requests: number;
  refused: number;
  failed: number;
}

export function trafficOf(samples: Sample[]): Traffic {
  const sum = (wanted: (status: string) => boolean) =>
    samples
      .filter(({ name, labels }) => name === 'playhouse_http_requests_total' && wanted(labels.status ?? ''))
      .reduce((total, { value }) => total + value, 0);
  return {
    requests: sum(() => true),
    refused: sum((status) => status.startsWith('4')),
    failed: sum((status) => status.startsWith('5')),
  };
}

/** The routes that were asked most, the most asked first. */
export function busiestRoutes(samples: Sample[], count: number): { name: string; value: number }[] {
  const routes = new Map<string, number>();
  for (const { name, labels, value } of samples) {
    if (name !== 'playhouse_http_requests_total') continue;
    const route = labels.route ?? '';
    routes.set(route, (routes.get(route) ?? 0) + value);
  }
  return [...routes]
    .map(([name, value]) => ({ name, value }))
    .sort((a, b) => b.value - a.value || a.name.localeCompare(b.name))
    .slice(0, count);
}

/** Seconds within which that part (0 to 1) of all requests was answered; `null` before the first one. */
export function answeredWithin(samples: Sample[], part: number): number | null {
  const buckets = samples
    .filter(({ name }) => name === 'playhouse_http_request_seconds_bucket')
    .map(({ labels, value }) => ({ le: labels.le === '+Inf' ? Infinity : Number(labels.le), value }))
    .sort((a, b) => a.le - b.le);
  const all = buckets.at(-1)?.value ?? 0;
  if (all === 0) return null;
  return buckets.find(({ value }) => value >= all * part)?.le ?? null;
}
