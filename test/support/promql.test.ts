import { describe, expect, test } from 'vitest';
import { filled, labelsBy, metricsIn } from './promql.ts';

describe('metricsIn finds what an expression asks for', () => {
  test.each([
    ['up', ['up']],
    ['sum by (namespace, service) (rate(http_requests_total{status=~"5..",route!~"/a|/b"}[5m])) > 0.05', ['http_requests_total']],
    ['a / b and on (pod) c unless ignoring (x) d or vector(0)', ['a', 'b', 'c', 'd']],
    ['histogram_quantile(0.99, sum by (le) (rate(x_bucket{a="max(b)"}[$__rate_interval])))', ['x_bucket']],
    ['(dead_total{a="b"} unless dead_total offset 15m) or increase(dead_total[15m])', ['dead_total']],
    ['min(expiry) - time() < 14 * 86400', ['expiry']],
    ['max(ready{condition="true"}) == bool 0', ['ready']],
    ['job:errors:rate5m > 1e3', ['job:errors:rate5m']],
  ])('%s', (expr, names) => {
    expect(metricsIn(expr)).toEqual(names);
  });
});

test('labelsBy names what series are told apart by', () => {
  expect(labelsBy('sum by (service, pod) (x)')).toEqual(['service', 'pod']);
  expect(labelsBy('max by (a) (x) / max by (b) (y)')).toEqual(['a', 'b']);
  expect(labelsBy('sum(x)')).toBeUndefined();
});

test('filled puts something in the place of Grafana’s variables', () => {
  expect(filled('rate(x{service=~"$service"}[$__rate_interval])', '1m')).toBe('rate(x{service=~".+"}[1m])');
});
