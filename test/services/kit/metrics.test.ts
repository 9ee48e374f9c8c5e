import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Metrics } from '../../../services/kit/metrics.ts';
import { addProcessMetrics } from '../../../services/kit/process-metrics.ts';

async function lines(metrics: Metrics, name: string): Promise<string[]> {
  return (await metrics.text()).split('\n').filter((line) => line.startsWith(name));
}

describe('a counter', () => {
  it('is told with help, type and one line for each set of labels', async () => {
    const metrics = new Metrics();
    const counter = metrics.counter('http_requests_total', 'HTTP requests.');
    counter.inc({ method: 'GET', status: 200 });
    counter.inc({ method: 'GET', status: 200 }, 2);
    counter.inc({ method: 'POST', status: 201 });
    expect(await metrics.text()).toContain(
      [
        '# HELP http_requests_total HTTP requests.',
        '# TYPE http_requests_total counter',
        'http_requests_total{method="GET",status="200"} 3',
        'http_requests_total{method="POST",status="201"} 1',
        '',
      ].join('\n'),
    );
  });
});

describe('a gauge', () => {
  it('says what was set last, also what is no ordinary number', async () => {
    const metrics = new Metrics();
    const gauge = metrics.gauge('depth', 'Waiting.');
    gauge.set({}, 3);
    gauge.set({}, -1.5);
    gauge.set({ of: 'nan' }, NaN);
    gauge.set({ of: 'inf' }, -Infinity);
    expect(await lines(metrics, 'depth')).toEqual(['depth -1.5', 'depth{of="nan"} NaN', 'depth{of="inf"} -Inf']);
  });
});

describe('a histogram', () => {
  it('counts cumulatively, bounds included', async () => {
    const metrics = new Metrics();
    const histogram = metrics.histogram('seconds', 'Time.', [0.1, 1]);
    for (const value of [0.05, 0.1, 0.5, 7]) histogram.observe({ route: '/' }, value);
    expect(await lines(metrics, 'seconds')).toEqual([
      'seconds_bucket{route="/",le="0.1"} 2',
      'seconds_bucket{route="/",le="1"} 3',
      'seconds_bucket{route="/",le="+Inf"} 4',
      'seconds_sum{route="/"} 7.65',
      'seconds_count{route="/"} 4',
    ]);
  });

  it('has rising buckets that end in the count, whatever is observed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.double({ min: 0, max: 100, noNaN: true })), async (values) => {
        const metrics = new Metrics();
        const histogram = metrics.histogram('h', 'Help.', [1, 5, 25]);
        histogram.observe({}, 0);
        for (const value of values) histogram.observe({}, value);
        const counts = (await lines(metrics, 'h_bucket')).map((line) => Number(line.split(' ')[1]));
        expect(counts).toEqual([1, 5, 25, Infinity].map((bound) => values.filter((value) => value <= bound).length + 1));
      }),
    );
  });
});

describe('the exposition', () => {
  it('escapes labels so that they can be read back, whatever they hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', '}', ' ', 'é', '🥛') }), async (value) => {
        const metrics = new Metrics();
        metrics.counter('c', 'Help.').inc({ label: value });
        const [line = '', ...more] = (await metrics.text()).split('\n').filter((one) => one.startsWith('c{'));
        expect(more).toEqual([]);
        const quoted = /^c\{label="((?:[^"\\\n]|\\[\\"n])*)"\} 1$/.exec(line)?.[1];
        expect(quoted?.replaceAll(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char))).toBe(value);
      }),
    );
  });

  it('escapes help texts', async () => {
    const metrics = new Metrics();
    metrics.counter('c', 'One\nline \\ only');
    expect(await metrics.text()).toContain('# HELP c One\\nline \\\\ only\n');
  });

  it('asks collectors first, and counts one that fails instead of failing itself', async () => {
    const metrics = new Metrics();
    const gauge = metrics.gauge('asked', 'Asked for.');
    metrics.onCollect(() => Promise.reject(new Error('away')));
    metrics.onCollect(() => gauge.set({}, 7));
    expect(await metrics.text()).toMatch(/^asked 7$/m);
    expect(await metrics.text()).toMatch(/^metrics_collect_failures_total 2$/m);
  });

  it('has each name once', () => {
    const metrics = new Metrics();
    metrics.counter('c', 'Help.');
    expect(() => metrics.gauge('c', 'Help.')).toThrow('twice');
  });

  it('tells of the process itself', async () => {
    const metrics = new Metrics();
    addProcessMetrics(metrics);
    expect(Number((await lines(metrics, 'process_resident_memory_bytes '))[0]?.split(' ')[1])).toBeGreaterThan(1e7);
    const [first] = await lines(metrics, 'process_cpu_seconds_total ');
    const [second] = await lines(metrics, 'process_cpu_seconds_total ');
    expect(Number(second?.split(' ')[1])).toBeGreaterThanOrEqual(Number(first?.split(' ')[1]));
  });
});
