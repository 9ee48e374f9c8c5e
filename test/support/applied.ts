import { gzipSync } from 'node:zlib';
import type { Platform } from '../../cli/definition/platform.ts';
import { sourceTags } from '../../cli/images/source-tags.ts';
import { type Desired, desiredOf } from '../../cli/targets/cluster/compare/desired.ts';
import { renderEnvironment } from '../../cli/render/environment.ts';
import { openTemplates } from '../../cli/render/templates.ts';
import { SYSTEMS } from '../../cli/systems/all.ts';
import { systemsOf } from '../../cli/systems/environment.ts';
import type { ApiServer } from './api-server.ts';

/** What an environment is to have, with the tags that its images have now. */
export async function desiredIn(platform: Platform): Promise<Desired> {
  const tags = await sourceTags(platform.root, platform.services.map(({ name }) => name));
  return desiredOf(platform, renderEnvironment(platform, SYSTEMS, tags, openTemplates()), systemsOf(platform, SYSTEMS, tags));
}

/** Applies objects with kubectl, each as its owner would. */
export function applyAll({ kubectl }: Pick<ApiServer, 'kubectl'>, { objects }: Pick<Desired, 'objects'>): void {
  for (const manager of ['todoctl', 'helm'] as const) {
    const items = objects.filter((wanted) => wanted.manager === manager).map(({ object }) => object);
    if (items.length > 0) kubectl(['apply', '--server-side', `--field-manager=${manager}`, '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  }
}

/** Writes what Helm would have kept of the releases, had it installed them. */
export function recordReleases({ kubectl }: Pick<ApiServer, 'kubectl'>, { releases }: Pick<Desired, 'releases'>): void {
  const items = releases.map(({ release, namespace, chart, version, values }) => {
    const record = JSON.stringify({ name: release, version: 1, chart: { metadata: { name: chart.split('/').at(-1), version } }, config: values });
    return {
      apiVersion: 'v1', kind: 'Secret', type: 'helm.sh/release.v1',
      metadata: { name: `sh.helm.release.v1.${release}.v1`, namespace, labels: { owner: 'helm', name: release, status: 'deployed', version: '1' } },
      data: { release: Buffer.from(gzipSync(record).toString('base64')).toString('base64') },
    };
  });
  kubectl(['apply', '--server-side', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
}
