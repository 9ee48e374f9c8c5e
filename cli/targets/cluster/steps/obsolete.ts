import { pathOf } from '../../../kubernetes/discovery.ts';
import type { KubernetesObject } from '../../../kubernetes/object.ts';
import type { Kinds } from '../apply.ts';
import type { Change } from '../compare/change.ts';
import type { AllRecords } from '../helm-records.ts';
import { type Deploying, releaseLabels } from './deploying.ts';

/** An object that an earlier deploy made and nothing renders any more. */
export interface ObsoleteObject {
  change: Change;
  path: string;
  uid: string | undefined;
}

/** Where the objects are that a comparison would prune. `live`: all that are ours. */
export async function obsoleteObjects(kinds: Kinds, changes: readonly Change[], live: readonly KubernetesObject[]): Promise<ObsoleteObject[]> {
  const found = await Promise.all(changes.filter(({ action }) => action === 'prune').map(async (change): Promise<ObsoleteObject[]> => {
    const objects = live.filter(({ kind, metadata }) => kind === change.kind && metadata.name === change.name && metadata.namespace === change.namespace);
    return Promise.all(objects.flatMap(async ({ apiVersion, kind, metadata: { namespace, name, uid } }) => {
      const resource = await kinds.find(apiVersion, kind);
      return { change, path: resource ? pathOf(resource, namespace, name) : '', uid };
    }));
  }));
  return found.flat().filter(({ path }) => path !== '');
}

/** The Helm releases with the labels of this environment that it has no more; none where they may not be seen. */
export function obsoleteReleases(records: AllRecords | undefined, deploying: Pick<Deploying, 'ground' | 'wanted'>): { release: string; namespace: string }[] {
  const { desired, systems, platform } = deploying.wanted;
  const wanted = new Set([...desired.releases.map(({ namespace, release }) => `${namespace}/${release}`), ...systems.flatMap(({ own }) => (own ? [`${platform.name}/${own.release}`] : []))]);
  const ours = Object.entries(releaseLabels(deploying));
  const names = [...(records ?? [])].filter(([, revisions]) => revisions.some(({ labels }) => ours.every(([key, value]) => labels[key] === value))).map(([name]) => name);
  return names.filter((name) => !wanted.has(name)).sort().map((name) => ({ namespace: name.slice(0, name.indexOf('/')), release: name.slice(name.indexOf('/') + 1) }));
}

export function nameOf({ kind, namespace, name }: Change): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}
