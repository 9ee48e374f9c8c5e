import { CONTROL_PLANE, getDaprControlPlane } from '../../tools/dapr/build.ts';
import { getHelm } from '../../tools/helm/build.ts';
import { run } from './ground.ts';
import type { Node } from './node.ts';

/** Dapr as it can be installed on a node: its images are there, under the names that the chart gives them. */
export interface Dapr {
  version: string;
  /** Folder of the chart, which needs no values. */
  chart: string;
}

/** Gives the node the images of Dapr's control plane and of its sidecar. */
export async function importDapr({ importImage }: Node): Promise<Dapr | { skipped: string }> {
  const built = getDaprControlPlane();
  if ('skipped' in built) return built;
  const { programs, version, chart } = built;
  // The chart gives each its command, `/operator` and so on. One image each, as the published ones are.
  for (const name of [...CONTROL_PLANE, 'daprd'] as const) {
    await importImage({ names: [`ghcr.io/dapr/${name}:${version}`], files: { [name]: programs[name] }, entrypoint: [`/${name}`], user: '65532' });
  }
  return { version, chart };
}

/** Installs Dapr's real control plane by its own chart into dapr-system, and waits until all of it is ready. */
export async function installDapr(node: Node, values: readonly string[] = ['dapr_scheduler.cluster.inMemoryStorage=true']): Promise<Dapr | { skipped: string }> {
  const helm = getHelm();
  if ('skipped' in helm) return helm;
  const dapr = await importDapr(node);
  if ('skipped' in dapr) return dapr;
  const set = values.flatMap((value) => ['--set', value]);
  await run(helm.binary, ['install', 'dapr', dapr.chart, '--namespace', 'dapr-system', '--create-namespace', '--wait', '--timeout', '3m', ...set], { env: { ...helm.env, KUBECONFIG: node.kubeconfig } });
  return dapr;
}
