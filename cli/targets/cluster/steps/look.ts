import type { State, Step } from '../../../engine/step.ts';
import { TodoctlError } from '../../../errors/todoctl-error.ts';
import type { Kubernetes } from '../../../kubernetes/client.ts';
import { discover } from '../../../kubernetes/discovery.ts';
import { readObject } from '../../../kubernetes/read.ts';
import type { Head } from '../../../render/applied.ts';
import type { Cluster } from '../../../providers/provider.ts';
import { namespaceOf } from '../../../systems/names.ts';
import { Kinds } from '../apply.ts';
import { compareCluster } from '../compare/against-cluster.ts';
import type { Change } from '../compare/change.ts';
import { readObjects } from '../compare/desired.ts';
import { refuseOtherPools } from '../compare/pools.ts';
import { deletedByHand, refuseLostEvents, topicsOf } from '../compare/topics.ts';
import type { Ground } from '../ground.ts';
import type { Wanted } from '../wanted.ts';
import type { Lock } from './lock.ts';
import { type ObsoleteObject, obsoleteObjects } from './obsolete.ts';

/** What was found before the first change. */
export interface Looked {
  kubernetes: Kubernetes;
  kinds: Kinds;
  /** By `keyOf`: the objects that are not as they are declared. */
  changes: ReadonlyMap<string, Change>;
  /** What an earlier deploy made and nothing renders any more. */
  obsolete: readonly ObsoleteObject[];
}

const LOOK_MS = 120_000;
/** A namespace that ends for longer than this is held by something that does not end by itself, in milliseconds. */
const ENDING_MS = 60_000;

/** Compares all that is wanted with what is there, by a dry run of each object, so that what would be refused is known before the first change. */
export function lookStep(ground: Ground, { platform, desired, systems }: Wanted, cluster: Step<Cluster>, lock: Lock): Step<Looked> {
  return {
    id: 'look',
    title: 'Compare with the cluster',
    needs: [lock.step],
    timeout: LOOK_MS,
    async check(run) {
      const kubernetes = ground.open(run.of(cluster));
      const names = desired.objects.filter(({ head }) => head.kind === 'Namespace').map(({ head }) => head.metadata.name);
      const ending = await endingNamespace(kubernetes, names, ground.given.clock.now());
      if (ending) return ending;
      const resources = await discover(kubernetes);
      const { changes, live } = await compareCluster(kubernetes, resources, platform, desired, systems.map(({ id }) => id));
      const objects = readObjects(desired);
      refuseLostEvents(topicsOf(live), topicsOf(objects), deletedByHand(namespaceOf(platform)));
      refuseOtherPools(live, objects);
      const different = changes.filter(({ kind, action }) => kind !== 'HelmRelease' && action !== 'prune');
      const kinds = new Kinds(kubernetes, resources);
      return {
        is: 'done',
        value: {
          kubernetes,
          kinds,
          changes: new Map(different.map((change) => [keyOf(change), change])),
          obsolete: await obsoleteObjects(kinds, changes, live),
        },
      };
    },
  };
}

/** What a change and an object are matched by. */
export function keyOf({ kind, namespace = '', name }: Pick<Change, 'kind' | 'namespace' | 'name'>): string {
  return `${kind} ${namespace}/${name}`;
}

export function keyOfHead({ kind, metadata }: Head): string {
  return keyOf({ kind, ...metadata });
}

interface Namespace {
  metadata: { name: string; deletionTimestamp?: string };
  status?: { conditions?: { type: string; status: string; message?: string }[] };
}

/** A namespace that is being deleted takes nothing new: wait a while, then say what holds it. */
async function endingNamespace(kubernetes: Kubernetes, names: readonly string[], now: number): Promise<State<never> | undefined> {
  const found = await Promise.all(names.map((name) => readObject<Namespace>(kubernetes, `/api/v1/namespaces/${encodeURIComponent(name)}`)));
  const ending = found.find((namespace) => namespace?.metadata.deletionTimestamp !== undefined);
  if (!ending) return undefined;
  const { metadata: { name, deletionTimestamp = '' }, status } = ending;
  const held = (status?.conditions ?? []).filter(({ type, status: is }) => is === 'True' && /^Namespace(?:ContentRemaining|FinalizersRemaining|DeletionContentFailure|DeletionDiscoveryFailure)$/.test(type));
  const reasons = held.flatMap(({ message }) => message ?? []);
  if (now - Date.parse(deletionTimestamp) < ENDING_MS) return { is: 'busy', reason: `the namespace ${name} is still being deleted${reasons.length > 0 ? `: ${reasons.join('; ')}` : ''}` };
  return { is: 'stuck', error: stuckNamespace(name, reasons) };
}

/** `strimzi.io/topic-operator in 3 resource instances`, `kafkatopics.kafka.strimzi.io has 3 resource instances`: Kubernetes' own words. */
function stuckNamespace(name: string, reasons: readonly string[]): TodoctlError {
  const kinds = reasons.flatMap((reason) => [...reason.matchAll(/([a-z][\w.-]+) has \d+ resource instances/g)].map(([, kind = '']) => kind));
  const fixes = kinds.map((kind) => `Whoever takes the finalizer of an object away is whom it waits for; if that is gone for good: kubectl get ${kind} --namespace ${name} --output name | xargs kubectl patch --namespace ${name} --type merge --patch '{"metadata":{"finalizers":null}}'`);
  return new TodoctlError('TODOCTL_NAMESPACE_STUCK', { message: `The namespace ${name} is being deleted and does not end`, details: [...reasons], ...(fixes.length > 0 ? { next: [...fixes, 'Then run the command again.'] } : {}) });
}
