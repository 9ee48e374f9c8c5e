import type { Kubernetes } from '../../../kubernetes/client.ts';
import { ifAllowed, listObjects } from '../../../kubernetes/read.ts';
import { isMarked, type Marks } from '../marks.ts';
import type { Meta } from '../workloads.ts';
import type { Thing } from './found.ts';

/** What stays because others use it. */
export interface Shared {
  thing: Thing;
  why: string;
}

interface Definition {
  metadata: Meta;
  spec: { group: string; names: { kind: string; plural: string }; versions: { name: string; served: boolean }[] };
}

/** CRDs of ours of which there are objects that are not ours: deleting those would delete these. */
export async function usedByOthers(kubernetes: Kubernetes, crds: readonly Thing[], marks: Marks, own: ReadonlySet<string>): Promise<Shared[]> {
  if (crds.length === 0) return [];
  const definitions = await ifAllowed(listObjects<Definition>(kubernetes, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', marks.labels));
  const byName = new Map(definitions.map((definition) => [definition.metadata.name, definition]));
  const found = await Promise.all(crds.map(async (thing): Promise<Shared[]> => {
    const definition = byName.get(thing.metadata.name);
    if (!definition) return [];
    const { spec: { group, names, versions } } = definition;
    const version = versions.find(({ served }) => served)?.name ?? '';
    const objects = await ifAllowed(listObjects<{ metadata: Meta }>(kubernetes, `/apis/${group}/${version}/${names.plural}`));
    const other = objects.find((object) => !isMarked(object, marks) && !own.has(object.metadata.namespace ?? ''));
    if (!other) return [];
    const { namespace, name } = other.metadata;
    return [{ thing, why: `others have a ${names.kind}: ${namespace === undefined ? '' : `${namespace}/`}${name}` }];
  }));
  return found.flat();
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
