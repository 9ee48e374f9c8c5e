import type { State, Step } from '../../../engine/step.ts';
import type { Kubernetes } from '../../../kubernetes/client.ts';
import { discover } from '../../../kubernetes/discovery.ts';
import { identityOf, type KubernetesObject } from '../../../kubernetes/object.ts';
import type { Head } from '../../../render/applied.ts';
import type { Cluster } from '../../../providers/provider.ts';
import { namespaceOf } from '../../../systems/names.ts';
import { Kinds } from '../apply.ts';
import { compareCluster } from '../compare/against-cluster.ts';
import type { Change } from '../compare/change.ts';
import { readObjects } from '../compare/desired.ts';
import { refuseOtherPools } from '../compare/pools.ts';
import { deletedByHand, refuseLostEvents, topicsOf } from '../compare/topics.ts';
import { endingNamespace, stuckNamespace, whatHolds } from '../ending.ts';
import type { Ground } from '../ground.ts';
import { type AllRecords, readAllRecords } from '../helm-records.ts';
import type { Wanted } from '../wanted.ts';
import type { Lock } from './lock.ts';
import { type ObsoleteObject, obsoleteObjects } from './obsolete.ts';

/** What was found before the first change. */
export interface Looked {
  kubernetes: Kubernetes;
  kinds: Kinds;
  /** By `keyOf`: the objects that are not as they are declared. */
  changes: ReadonlyMap<string, Change>;
  /** By `identityOf`: the objects with the labels of the environment, and those that were read by their name. */
  live: ReadonlyMap<string, KubernetesObject>;
  /** What Helm keeps of all releases; undefined for who may not see it everywhere. */
  records: AllRecords | undefined;
  /** What an earlier deploy made and nothing renders any more. */
  obsolete: readonly ObsoleteObject[];
}

const LOOK_MS = 120_000;
/** A namespace that ends for longer than this is held by something that does not end by itself, in milliseconds. */
const ENDING_MS = 60_000;

/** Compares all that is wanted with what is there, by a dry run of each object, so that what would be refused is known before the first change. */
export function lookStep(ground: Ground, { platform, desired, systems }: Wanted, cluster: Step<Cluster>, lock: Lock, timeout = ENDING_MS): Step<Looked> {
  return {
    id: 'look',
    title: 'Compare with the cluster',
    needs: [lock.step],
    timeout: LOOK_MS,
    async check(run) {
      const kubernetes = ground.open(run.of(cluster));
      const names = desired.objects.filter(({ head }) => head.kind === 'Namespace').map(({ head }) => head.metadata.name);
      const [ending, resources] = await Promise.all([stillEnding(kubernetes, names, ground.given.clock.now(), Math.min(timeout, ENDING_MS)), discover(kubernetes)]);
      if (ending) return ending;
      const [records, { changes, live }] = await Promise.all([
        readAllRecords(kubernetes),
        // Each chart's own step looks at its release.
        compareCluster(kubernetes, resources, platform, { ...desired, releases: [] }, systems.map(({ id }) => id), { tries: 'doubtful' }),
      ]);
      const objects = readObjects(desired);
      refuseLostEvents(topicsOf(live), topicsOf(objects), deletedByHand(namespaceOf(platform)));
      refuseOtherPools(live, objects);
      const different = changes.filter(({ action }) => action !== 'prune');
      const kinds = new Kinds(kubernetes, resources);
      return {
        is: 'done',
        value: {
          kubernetes,
          kinds,
          changes: new Map(different.map((change) => [keyOf(change), change])),
          live: new Map(live.map((object) => [identityOf(object), object])),
          records,
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

/** A namespace that is being deleted takes nothing new: wait a while, then say what holds it. */
async function stillEnding(kubernetes: Kubernetes, names: readonly string[], now: number, patience: number): Promise<State<never> | undefined> {
  const found = await Promise.all(names.map((name) => endingNamespace(kubernetes, name)));
  const ending = found.find((namespace) => namespace !== undefined);
  if (!ending) return undefined;
  const { name, deletionTimestamp = '' } = ending.metadata;
  const reasons = whatHolds(ending);
  if (now - Date.parse(deletionTimestamp) < patience) return { is: 'busy', reason: `the namespace ${name} is still being deleted${reasons.length > 0 ? `: ${reasons.join('; ')}` : ''}` };
  return { is: 'stuck', error: stuckNamespace(name, reasons) };
}
