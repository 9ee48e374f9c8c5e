/** Label values by label name; every series of a metric has the same names. */
export type Labels = Readonly<Record<string, string | number>>;

export interface Counter {
  inc(labels?: Labels, by?: number): void;
}
export interface Gauge {
  set(labels: Labels, value: number): void;
}
export interface Histogram {
  observe(labels: Labels, value: number): void;
}

interface Family {
  lines(): Iterable<string>;
}

/** Seconds; from a cache hit to a time-out. */
const DURATION_BUCKETS: readonly number[] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** A process's metrics in Prometheus' text format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/). */
export class Metrics {
  readonly #families = new Map<string, Family>();
  readonly #collectors: (() => void | Promise<void>)[] = [];
  readonly #failed = this.counter('metrics_collect_failures_total', 'Gauges that could not be asked for.');

  /** Only grows. `name` ends in `_total`. */
  counter(name: string, help: string): Counter {
    const values = this.#simple(name, help, 'counter');
    return { inc: (labels = {}, by = 1) => void add(values, labels, by) };
  }

  /** Goes up and down. */
  gauge(name: string, help: string): Gauge {
    const values = this.#simple(name, help, 'gauge');
    return { set: (labels, value) => void values.set(labelText(labels), value) };
  }

  /** Counts observations up to each upper bound; bounds in rising order, in the metric's unit. */
  histogram(name: string, help: string, buckets: readonly number[] = DURATION_BUCKETS): Histogram {
    const series = new Map<string, { labels: Labels; counts: number[]; sum: number; count: number }>();
    this.#register(name, help, 'histogram', function* () {
      for (const { labels, counts, sum, count } of series.values()) {
        let below = 0;
        for (const [index, bound] of buckets.entries()) {
          below += counts[index] ?? 0;
          yield `${name}_bucket${labelText({ ...labels, le: numberText(bound) })} ${below}`;
        }
        yield `${name}_bucket${labelText({ ...labels, le: '+Inf' })} ${count}`;
        yield `${name}_sum${labelText(labels)} ${numberText(sum)}`;
        yield `${name}_count${labelText(labels)} ${count}`;
      }
    });
    const observe = (labels: Labels, value: number): void => {
      const key = labelText(labels);
      const one = series.get(key) ?? { labels, counts: buckets.map(() => 0), sum: 0, count: 0 };
      series.set(key, one);
      const index = buckets.findIndex((bound) => value <= bound);
      if (index >= 0) one.counts[index] = (one.counts[index] ?? 0) + 1;
      one.sum += value;
      one.count += 1;
    };
    return { observe };
  }

  /** Called before each exposition, to set gauges that must be asked for. One that fails is counted; the others still say theirs. */
  onCollect(collect: () => void | Promise<void>): void {
    this.#collectors.push(collect);
  }

  /** The exposition, ending in a line feed. */
  async text(): Promise<string> {
    const collected = await Promise.allSettled(this.#collectors.map(async (collect) => collect()));
    this.#failed.inc({}, collected.filter(({ status }) => status === 'rejected').length);
    const lines: string[] = [];
    for (const family of this.#families.values()) lines.push(...family.lines());
    return lines.map((line) => `${line}\n`).join('');
  }

  #simple(name: string, help: string, type: string): Map<string, number> {
    const values = new Map<string, number>();
    this.#register(name, help, type, function* () {
      for (const [labels, value] of values) yield `${name}${labels} ${numberText(value)}`;
    });
    return values;
  }

  #register(name: string, help: string, type: string, samples: () => Iterable<string>): void {
    if (this.#families.has(name)) throw new Error(`metric ${name} is registered twice`);
    const escaped = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
    const lines = function* (): Iterable<string> {
      yield `# HELP ${name} ${escaped}`;
      yield `# TYPE ${name} ${type}`;
      yield* samples();
    };
    this.#families.set(name, { lines });
  }
}

function add(values: Map<string, number>, labels: Labels, by: number): void {
  const key = labelText(labels);
  values.set(key, (values.get(key) ?? 0) + by);
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(String(value))}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return String(value);
}
