import path from 'node:path';
import { setImmediate as immediate } from 'node:timers/promises';
import { loadPlatform } from '../../definition/load.ts';
import type { Platform } from '../../definition/platform.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { Kubernetes } from '../../kubernetes/client.ts';
import { discover, type Resource } from '../../kubernetes/discovery.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';
import { SYSTEM_SCHEMAS } from '../../systems/all.ts';
import { namespaceOf } from '../../systems/names.ts';
import type { Context } from '../context.ts';
import { endIfInterrupted } from '../interrupted.ts';
import { compareWithFolder } from './against-folder.ts';
import { changeOf, compareCluster } from '../../targets/cluster/compare/against-cluster.ts';
import { type Capacity, capacityOf } from '../../targets/cluster/capacity/capacity.ts';
import { footprintsOf } from '../../targets/cluster/capacity/pods.ts';
import { type LiveNode, liveNodes, nodesOf } from '../../targets/cluster/capacity/nodes.ts';
import type { Change, Comparison } from '../../targets/cluster/compare/change.ts';
import { clusterOf } from './cluster.ts';
import { type Desired, readObjects } from '../../targets/cluster/compare/desired.ts';
import { refuseOtherPools } from '../../targets/cluster/compare/pools.ts';
import { type Price, priceOf, priceBefore, sizesOfNodes } from './price.ts';
import { releaseChange } from '../../targets/cluster/compare/releases.ts';
import { wantedOf } from '../../targets/cluster/wanted.ts';
import { deletedByHand, deletedByTerraform, managedTopics, refuseLostEvents, type Topics, topicsOf } from '../../targets/cluster/compare/topics.ts';

export interface PlanOptions {
  /** Folder of a former render. */
  against?: string;
  kubeconfig?: string;
  context?: string;
}

export interface PlanResult extends Omit<Comparison, 'live'> {
  environment: string;
  /** What it was compared with: a cluster, a folder, or nothing. */
  against: { kind: 'cluster' | 'folder' | 'nothing'; where?: string };
  /** How many objects and Helm releases the environment has. */
  size: number;
  changes: Change[];
  capacity: Capacity;
  price?: Price;
}

/** What is there: the comparison, and what of it is needed for capacity and price. */
interface Observed extends Comparison {
  live: KubernetesObject[];
  nodes?: LiveNode[];
  /** The size of each node that is there. */
  sizes?: readonly (string | undefined)[];
  /** Topics that a managed Kafka has. */
  managed?: Topics;
}

/**
 * Says what deploy would change in an environment, whether it has room, and what it costs. Changes nothing.
 * Errors: TODOCTL_DEFINITION_*, TODOCTL_PLAN_LOCAL, TODOCTL_FOLDER_NOT_RENDERED, TODOCTL_FOLDER_OF_ANOTHER, TODOCTL_KUBECONFIG_BROKEN, TODOCTL_CLUSTER_*,
 * TODOCTL_TOPIC_*, TODOCTL_CONTROLLERS_CHANGED, TODOCTL_VOLUME_CHANGED, TODOCTL_CAPACITY_*.
 */
export async function plan(context: Context, options: PlanOptions): Promise<PlanResult> {
  const platform = await loadPlatform({ cwd: context.cwd, environment: context.environment, env: context.env, systems: SYSTEM_SCHEMAS });
  if (platform.environment.provider === 'local') throw new TodoctlError('TODOCTL_PLAN_LOCAL', { message: `The environment ${platform.environment.name} is on this machine` });
  using kubernetes = options.against === undefined ? await clusterOf(context, platform.environment, options) : undefined;
  // The cluster says what it has while we render.
  const kinds = kubernetes && discover(kubernetes);
  kinds?.catch(() => undefined);
  const { desired, systems: active } = await wantedOf(platform);
  const systems = active.map(({ id }) => id);
  const [{ live, nodes: liveOnes, sizes, managed, changes, ...comparison }, objects] = await Promise.all([
    observe(context, options, kubernetes && kinds && { kubernetes, kinds }, platform, desired, systems),
    // Once the cluster has work, we have too.
    Promise.resolve(kinds).then(() => immediate()).then(() => readObjects(desired)),
  ]);

  refuseLostEvents(topicsOf(live), topicsOf(objects), deletedByHand(namespaceOf(platform)));
  if (managed) refuseLostEvents(managed, managedTopics(platform), deletedByTerraform);
  refuseOtherPools(live, objects);
  const footprints = footprintsOf(objects, active);
  const nodes = nodesOf(platform.environment, liveOnes);
  const capacity = capacityOf(platform, footprints, nodes);
  const before = kubernetes || options.against !== undefined ? priceBefore(sizes ?? [], live, footprints, platform.environment) : 0;
  const price = priceOf(platform, nodes, objects, footprints, before);
  await endIfInterrupted(context.stop);
  return {
    environment: platform.environment.name,
    against: againstOf(context, options, kubernetes),
    size: desired.objects.length + desired.releases.length,
    changes: inOrder(changes, systems),
    ...comparison,
    capacity,
    ...(price ? { price } : {}),
  };
}

async function observe(context: Context, { against }: PlanOptions, cluster: { kubernetes: Kubernetes; kinds: Promise<Resource[]> } | undefined, platform: Platform, desired: Desired, systems: readonly string[]): Promise<Observed> {
  if (against !== undefined) return compareWithFolder(path.resolve(context.cwd, against), platform, desired, systems);
  if (!cluster) return { changes: allNew(desired), approximate: false, unseen: [], warnings: [], live: [] };
  const [comparison, nodes] = await Promise.all([compareCluster(cluster.kubernetes, await cluster.kinds, platform, desired, systems), liveNodes(cluster.kubernetes)]);
  return { ...comparison, ...(nodes ? { nodes, sizes: sizesOfNodes(nodes) } : {}) };
}

/** In the order in which deploy would go through the systems; what belongs to none of them goes last. */
function inOrder(changes: readonly Change[], systems: readonly string[]): Change[] {
  const place = ({ system }: Change): number => (systems.includes(system) ? systems.indexOf(system) : systems.length);
  return [...changes].sort((a, b) => place(a) - place(b));
}

function allNew({ objects, releases }: Desired): Change[] {
  return [...releases.flatMap((release) => releaseChange(release, undefined) ?? []), ...objects.map((wanted) => changeOf(wanted, 'create', 'there is no cluster yet', []))];
}

function againstOf(context: Context, { against }: PlanOptions, kubernetes: Kubernetes | undefined): PlanResult['against'] {
  if (against !== undefined) return { kind: 'folder', where: path.resolve(context.cwd, against) };
  return kubernetes ? { kind: 'cluster', where: kubernetes.where } : { kind: 'nothing' };
}
