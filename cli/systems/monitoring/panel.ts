/** Units as Grafana names them; a figure without one is a guess. */
export type Unit = 'reqps' | 'ops' | 'percentunit' | 's' | 'ms' | 'bytes' | 'Bps' | 'short' | 'dtdurations';

/** A line of a panel: what is asked, and how each series is named (`{{service}}` stands for a label). */
export interface Target {
  expr: string;
  legend: string;
}

interface Extras {
  /** From where on it is worth a look, and from where on it is bad: the same figure as the alert's. */
  limits?: { look: number; bad: number };
  /** Series lie on each other: their sum matters. */
  stacked?: boolean;
  /** Where the axis ends, if it always ends there. */
  max?: number;
}

export interface Panel extends Extras {
  kind: 'lines' | 'stat';
  title: string;
  /** What it shows and what is normal, for someone who sees it for the first time, at night. */
  description: string;
  unit: Unit;
  targets: readonly Target[];
}

export interface Row {
  title: string;
  panels: readonly Panel[];
}

/** Lines over time. `queries`: PromQL by the legend of its series. */
export function lines(title: string, unit: Unit, description: string, queries: Readonly<Record<string, string>>, extras: Extras = {}): Panel {
  return { kind: 'lines', title, unit, description, targets: Object.entries(queries).map(([legend, expr]) => ({ legend, expr })), ...extras };
}

/** One figure, coloured by its limits. */
export function stat(title: string, unit: Unit, description: string, expr: string, extras: Extras = {}): Panel {
  return { kind: 'stat', title, unit, description, targets: [{ legend: title, expr }], ...extras };
}

/** Window of a rate: as Grafana works it out of the scrape interval and the zoom. */
export const PER = '[$__rate_interval]';

/** The value that a part `q` of the observations does not exceed, of a classic histogram. */
export function quantile(q: number, histogram: string, by: string): string {
  return `histogram_quantile(${q}, sum by (${by === '' ? 'le' : `${by}, le`}) (rate(${histogram}${PER})))`;
}
