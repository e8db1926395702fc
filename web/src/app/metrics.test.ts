import { describe, expect, it } from 'vitest';
import { answeredWithin, busiestRoutes, readMetrics, trafficOf } from './metrics';

const samples = readMetrics(`# HELP playhouse_http_requests_total Requests answered.
# TYPE playhouse_http_requests_total counter
playhouse_http_requests_total{method="GET",route="/api/v1/movies",status="200"} 7
playhouse_http_requests_total{method="GET",route="/api/v1/movies",status="404"} 2
playhouse_http_requests_total{method="POST",route="/api/v1/\\"odd\\"",status="500"} 1
playhouse_http_request_seconds_bucket{le="0.005"} 5
playhouse_http_request_seconds_bucket{le="0.5"} 9
playhouse_http_request_seconds_bucket{le="+Inf"} 10
not a line
`);

describe('what the house measured', () => {
  it('is read with its labels', () => {
    expect(samples).toHaveLength(6);
    expect(samples[2]?.labels.route).toBe('/api/v1/"odd"');
  });

  it('is summed up', () => {
    expect(trafficOf(samples)).toEqual({ requests: 10, refused: 2, failed: 1 });
    expect(busiestRoutes(samples, 1)).toEqual([{ name: '/api/v1/movies', value: 9 }]);
  });

  it('says how quick the house is', () => {
    expect([0.5, 0.9, 0.99].map((part) => answeredWithin(samples, part))).toEqual([0.005, 0.5, Infinity]);
    expect(answeredWithin([], 0.5)).toBeNull();
  });
});
