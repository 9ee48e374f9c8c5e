/** One alert of Prometheus. Texts are Go templates: `{{ $labels.service }}`, `{{ $value | humanize }}`. */
export interface Alert {
  name: string;
  /** PromQL; each series it returns is one alert. */
  expr: string;
  /** How long `expr` must hold, like `5m`. */
  for: string;
  /** `critical`: users feel it or data is at risk, someone gets up. `warning`: it can wait until morning. */
  severity: 'critical' | 'warning';
  /** What is wrong, in a few words that hold for every series. */
  summary: string;
  /** Where, and how much. */
  description: string;
}

export interface AlertGroup {
  name: string;
  alerts: readonly Alert[];
}

/** A group as the kind PrometheusRule takes it. `runbooks`: the page that has a section for each alert, named after it. */
export function rulesOf({ name, alerts }: AlertGroup, runbooks: string): object {
  return {
    name,
    rules: alerts.map(({ name: alert, expr, for: wait, severity, summary, description }) => ({
      alert,
      expr,
      for: wait,
      labels: { severity },
      annotations: { summary, description, runbook_url: `${runbooks}#${alert.toLowerCase()}` },
    })),
  };
}
