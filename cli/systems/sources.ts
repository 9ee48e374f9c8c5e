import { nearest } from '../errors/nearest.ts';
import { TodoctlError } from '../errors/todoctl-error.ts';
import type { Platform } from '../definition/platform.ts';
import type { Active } from './environment.ts';
import type { Chart } from './system.ts';

/**
 * The systems with the charts that `sources.charts` of the environment replaces: from a mirror, an OCI registry or a folder. Version
 * and values stay. Errors: TODOCTL_SOURCE_UNKNOWN for a release that the environment does not have, for it would pass unnoticed.
 */
export function withChartSources(platform: Platform, systems: readonly Active[]): Active[] {
  const { name, sources } = platform.environment;
  const charts = sources?.charts ?? {};
  const releases = systems.flatMap((system) => (system.charts ?? []).map(({ release }) => release));
  const unknown = Object.keys(charts).find((release) => !releases.includes(release));
  if (unknown !== undefined) throw unknownRelease(name, unknown, releases);
  return systems.map((system) => (system.charts ? { ...system, charts: system.charts.map((chart) => withSource(chart, charts[chart.release])) } : system));
}

/** `https://repository#chart`, `oci://…` or a path. */
function withSource({ repository, ...chart }: Chart, source: string | undefined): Chart {
  if (source === undefined) return { ...chart, ...(repository === undefined ? {} : { repository }) };
  const [, mirror, name] = /^(https?:\/\/[^#]+)#(.+)$/.exec(source) ?? [];
  return mirror === undefined || name === undefined ? { ...chart, chart: source } : { ...chart, chart: name, repository: mirror };
}

/** A rendered text with the images that `sources.images` replaces; those that charts name by themselves are their charts' matter. */
export function withImageSources({ environment: { sources } }: Platform, text: string): string {
  const images = sources?.images ?? {};
  if (Object.keys(images).length === 0) return text;
  return text.replaceAll(/\b(image: ?)(["']?)([^\s"'{},]+)\2/g, (line, key: string, quote: string, image: string) => (Object.hasOwn(images, image) ? `${key}${quote}${images[image]}${quote}` : line));
}

function unknownRelease(environment: string, release: string, releases: readonly string[]): TodoctlError {
  const close = nearest(release, releases);
  return new TodoctlError('TODOCTL_SOURCE_UNKNOWN', {
    message: `environments.${environment}.sources.charts names the release ${release}, which ${environment} does not have`,
    details: [`it has ${releases.length > 0 ? releases.join(', ') : 'none'}`],
    ...(close === undefined ? {} : { next: [`Did you mean ${close}?`] }),
  });
}
