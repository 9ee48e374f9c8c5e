import { TodoctlError } from '../../../errors/todoctl-error.ts';
import type { KubernetesObject } from '../../../kubernetes/object.ts';
import { quantityOf } from './differences.ts';

interface Volume {
  id?: number;
  size?: string;
  class?: string;
}

interface Pool {
  name: string;
  /** Namespace and name of its Kafka. */
  cluster: string;
  roles?: readonly string[];
  replicas?: number;
  storage?: { volumes?: readonly Volume[] };
}

/**
 * Refuses what a Kafka of Strimzi cannot become: controllers elsewhere or of another number, for who they are is fixed when the cluster is
 * made and the new ones would know of no topic; a volume of another class or a smaller one, which Strimzi leaves as it is.
 * Errors: TODOCTL_CONTROLLERS_CHANGED, TODOCTL_VOLUME_CHANGED.
 */
export function refuseOtherPools(before: readonly KubernetesObject[], now: readonly KubernetesObject[]): void {
  const [old, wanted] = [poolsOf(before), poolsOf(now)];
  for (const cluster of new Set(wanted.map((pool) => pool.cluster))) {
    const [are, would] = [controllersOf(old, cluster), controllersOf(wanted, cluster)];
    if (are === '' || are === would) continue;
    throw new TodoctlError('TODOCTL_CONTROLLERS_CHANGED', { message: `The controllers of Kafka are ${are} and would be ${would === '' ? 'gone' : would}` });
  }
  const lines = wanted.flatMap((pool) => {
    const there = old.find(({ name, cluster }) => name === pool.name && cluster === pool.cluster);
    return there ? otherVolumes(there, pool) : [];
  });
  if (lines.length > 0) throw new TodoctlError('TODOCTL_VOLUME_CHANGED', { details: lines });
}

function poolsOf(objects: readonly KubernetesObject[]): Pool[] {
  return objects
    .filter(({ kind, apiVersion }) => kind === 'KafkaNodePool' && apiVersion.startsWith('kafka.strimzi.io/'))
    .map(({ metadata: { name, namespace = '', labels }, spec }) => ({ ...(spec as Omit<Pool, 'name' | 'cluster'> | undefined), name, cluster: `${namespace}/${labels?.['strimzi.io/cluster'] ?? ''}` }));
}

/** In words, the same for the same: `3 in pool controller`. */
function controllersOf(pools: readonly Pool[], cluster: string): string {
  const controllers = pools.filter((pool) => pool.cluster === cluster && pool.roles?.includes('controller'));
  return controllers.map(({ name, replicas = 1 }) => `${replicas} in pool ${name}`).sort().join(', ');
}

function otherVolumes(before: Pool, { name, storage }: Pool): string[] {
  return (storage?.volumes ?? []).flatMap((volume) => {
    const there = before.storage?.volumes?.find(({ id }) => id === volume.id);
    if (!there) return [];
    const smaller = (quantityOf(volume.size) ?? 0) < (quantityOf(there.size) ?? 0);
    return [
      ...(there.class === volume.class ? [] : [`pool ${name}: its class is ${there.class ?? 'the cluster’s default'} and would be ${volume.class ?? 'the cluster’s default'}`]),
      ...(smaller ? [`pool ${name}: it has ${there.size ?? ''} and would have ${volume.size ?? ''}`] : []),
    ];
  });
}
