import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { TodoctlError } from '../errors/todoctl-error.ts';
import type { Chart } from './chart/chart.ts';
import { openChart } from './chart/open-chart.ts';
import { compileTemplate, type Fill } from './template.ts';

/** Fills templates by their name relative to the templates' folder, `dapr/subscription.yaml.hbs`; each is read once, as is a chart of ours. */
export interface Templates {
  fill(name: string, view: object): string;
  /** A chart by its folder's name below charts/. */
  chart(name: string): Chart;
}

/** The templates of the folder that lies beside the sources and in the package. */
export function openTemplates(folder = packagedFolder('templates')): Templates {
  const compiled = new Map<string, Fill>();
  const charts = new Map<string, Chart>();
  return {
    fill(name, view) {
      let fill = compiled.get(name);
      if (!fill) {
        fill = compileTemplate({ name, source: sourceOf(folder, name) });
        compiled.set(name, fill);
      }
      return fill(view);
    },
    chart(name) {
      const chart = charts.get(name) ?? openChart(path.join(packagedFolder('charts'), name));
      charts.set(name, chart);
      return chart;
    },
  };
}

function sourceOf(folder: string, name: string): string {
  try {
    return readFileSync(path.join(folder, name), 'utf8');
  } catch (cause) {
    throw new TodoctlError('TODOCTL_TEMPLATE_BROKEN', { message: `A template cannot be read: ${(cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'it is not there' : (cause as Error).message}`, details: [`templates/${name}`], cause });
  }
}

/** A folder of the package, found upwards: this file runs from cli/render and, bundled, from dist/. */
export function packagedFolder(name: 'templates' | 'charts'): string {
  for (let here = import.meta.dirname; ; here = path.dirname(here)) {
    if (existsSync(path.join(here, 'templates/dapr'))) return path.join(here, name);
    if (here === path.dirname(here)) throw new Error(`the package has no folder ${name}`);
  }
}
