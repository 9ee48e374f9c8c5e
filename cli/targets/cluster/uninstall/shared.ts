import type { Kubernetes } from '../../../kubernetes/client.ts';
import { type Resource as Kind, pathOf } from '../../../kubernetes/discovery.ts';
import { ifAllowed, listObjects } from '../../../kubernetes/read.ts';
import { isMarked, MADE_FOR, madeFor, type Marks } from '../marks.ts';
import type { Meta } from '../workloads.ts';
import { METADATA_ONLY, type Thing } from './found.ts';
import type { Inventory } from './inventory.ts';

/** What stays because others use it. */
export interface Shared {
  thing: Thing;
  why: string;
}

/** What a teardown leaves because others use it. */
export interface Stays {
  crds: Shared[];
  /** `namespace/name` of releases that serve those kinds → why: without its operator an object of others would be dead. */
  releases: ReadonlyMap<string, string>;
  /** Their namespaces, which stay with all their disks → why. */
  namespaces: ReadonlyMap<string, string>;
}

/**
 * Kinds of ours of which there are objects that are not ours, for with a kind go all its objects; and the releases that serve them.
 * What may not be seen is taken as used. Errors: TODOCTL_CLUSTER_*.
 */
export async function usedByOthers(kubernetes: Kubernetes, { crds, kinds, namespaces, releases }: Pick<Inventory, 'crds' | 'kinds' | 'namespaces' | 'releases'>, marks: Marks): Promise<Stays> {
  const own = new Set([marks.namespace, ...namespaces.map(({ metadata }) => metadata.name)]);
  const found = await Promise.all(crds.map(async (thing): Promise<Shared[]> => {
    const kind = kinds.find(({ plural, group }) => `${plural}.${group}` === thing.metadata.name);
    const why = kind && (await usedBy(kubernetes, kind, marks, own));
    return why === undefined ? [] : [{ thing, why }];
  }));
  const shared = found.flat();
  const serving = new Map(shared.map(({ thing, why }) => [thing.metadata.annotations?.[MADE_FOR] ?? '', why]));
  const kept = releases.flatMap(({ name, namespace }) => {
    const why = serving.get(madeFor(marks, name));
    return why === undefined ? [] : [{ name, namespace, why }];
  });
  return {
    crds: shared,
    releases: new Map(kept.map(({ name, namespace, why }) => [`${namespace}/${name}`, why])),
    namespaces: new Map(kept.map(({ namespace, why }) => [namespace, why])),
  };
}

async function usedBy(kubernetes: Kubernetes, kind: Kind, marks: Marks, own: ReadonlySet<string>): Promise<string | undefined> {
  let objects: { metadata: Meta }[];
  try {
    objects = await listObjects(kubernetes, pathOf(kind), {}, METADATA_ONLY);
  } catch (error) {
    // Refused, or not served: the webhook that converts it may be gone already.
    if (!/^TODOCTL_CLUSTER_(?:FORBIDDEN|STRANGE)$/.test((error as { code?: string }).code ?? '')) throw error;
    return `whether others have a ${kind.kind} may not be seen`;
  }
  const other = objects.find((object) => !isMarked(object, marks) && !own.has(object.metadata.namespace ?? ''));
  if (!other) return undefined;
  const { namespace, name } = other.metadata;
  return `others have a ${kind.kind}: ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

const RUNNING = [['/apis/apps/v1', 'deployments', 'Deployment'], ['/apis/apps/v1', 'statefulsets', 'StatefulSet'], ['/apis/apps/v1', 'daemonsets', 'DaemonSet'], ['/apis/batch/v1', 'cronjobs', 'CronJob']] as const;

/**
 * Namespaces of ours in which something runs that is not ours: whoever put it there would lose it. To be asked when all that is ours
 * has gone, else an operator's own parts count.
 */
export async function inhabited(kubernetes: Kubernetes, namespaces: readonly Thing[], marks: Marks): Promise<Shared[]> {
  const found = await Promise.all(namespaces.map(async (thing): Promise<Shared[]> => {
    const { name } = thing.metadata;
    const lists = await Promise.all(RUNNING.map(async ([api, plural, kind]) =>
      (await ifAllowed(listObjects<{ metadata: Meta }>(kubernetes, `${api}/namespaces/${name}/${plural}`))).map((object) => ({ ...object, kind })),
    ));
    const other = lists.flat().find((object) => !isMarked(object, marks) && (object.metadata.ownerReferences ?? []).length === 0 && object.metadata.deletionTimestamp === undefined);
    return other ? [{ thing, why: `others run ${other.kind} ${other.metadata.name} in it` }] : [];
  }));
  return found.flat();
}
