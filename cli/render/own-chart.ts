import type { Platform } from '../definition/platform.ts';
import type { Active } from '../systems/environment.ts';
import { namespaceOf } from '../systems/names.ts';
import type { OwnChart } from '../systems/system.ts';
import { renderChart } from './chart/chart.ts';
import { header } from './header.ts';
import type { Rendered } from './rendered.ts';
import type { Templates } from './templates.ts';
import { YamlLines } from './yaml-text.ts';

/**
 * The files of the app's Helm release: its values, which carry every artefact of the release that is made elsewhere, and the objects
 * that the chart itself makes; but not its hooks, which Helm runs and nobody applies. `files`: all others of the environment.
 * Errors: TODOCTL_TEMPLATE_BROKEN.
 */
export function ownChartFiles(platform: Platform, { id, own }: Active, folder: string, files: readonly Rendered[], templates: Templates): Rendered[] {
  if (!own) return [];
  const objects = files.filter(({ owner }) => owner === 'release').map(({ text }) => new YamlLines(text));
  const values: Rendered = {
    path: valuesPath(folder, own.release),
    text: `${header('values.yaml', platform, `templates/${own.template}`)}${templates.fill(own.template, { values: { ...own.values, objects } })}`,
    system: id,
    owner: 'file',
  };
  const made = renderChart(templates.chart(own.chart), { ...own.values, objects: [] }, { name: own.release, namespace: namespaceOf(platform) });
  return [
    values,
    ...made.filter(({ hook }) => !hook).map(({ source, kind, name, text }): Rendered => {
      const file = `${kind.toLowerCase()}-${name}.yaml`;
      return { path: `objects/${folder}/${file}`, text: `${header(file, platform, `charts/${own.chart}/${source}`)}${text}`, system: id, owner: 'release' };
    }),
  ];
}

/** What a person must know to install it; `todoctl generate chart --out charts` writes the chart where this says. */
export function ownRelease(platform: Platform, { release, chart }: OwnChart, templates: Templates): { release: string; namespace: string; chart: string; version: string } {
  return { release, namespace: namespaceOf(platform), chart: `./charts/${chart}`, version: templates.chart(chart).version };
}

/** Where the values of a release are. `folder`: `03-kafka`. */
export function valuesPath(folder: string, release: string): string {
  return `helm/${folder}/${release}.values.yaml`;
}
