import type { Platform } from '../../definition/platform.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { Kubernetes } from '../../kubernetes/client.ts';
import { discover, pathOf, type Resource } from '../../kubernetes/discovery.ts';
import { reasonOf } from '../../kubernetes/failures.ts';
import { groupOf, identityOf, type KubernetesObject } from '../../kubernetes/object.ts';
import type { Change, Comparison, FieldChange } from './change.ts';
import type { Desired, Wanted } from './desired.ts';
import { declaredDifferences, differences } from './differences.ts';
import { listOurs, type Listed } from './list.ts';
import { pruneReason } from './reasons.ts';
import { compareReleases } from './releases.ts';

export interface ClusterComparison extends Comparison {
  /** The objects that are there and ours. */
  live: KubernetesObject[];
}

/** What trying one object came to. */
type Tried = { change?: Change; refused?: string; approximate?: true; warnings?: readonly string[] };

/**
 * Compares with a cluster: every object is tried by a server-side dry run, so that defaults, admission and other owners count as they
 * will when it is applied; where that is forbidden, what is declared is compared with what is there.
 * Errors: TODOCTL_CLUSTER_*.
 */
export async function compareCluster(kubernetes: Kubernetes, platform: Platform, desired: Desired, systems: readonly string[]): Promise<ClusterComparison> {
  const resources = await discover(kubernetes);
  const listed = await listOurs(kubernetes, resources, platform, desired.objects);
  const live = new Map(listed.objects.map((object) => [identityOf(object), object]));
  const [tried, releases] = await Promise.all([
    Promise.all(desired.objects.map((wanted) => tryObject(kubernetes, wanted, { resources, live, listed, provided: desired.provided }))),
    compareReleases(kubernetes, desired.releases),
  ]);
  const refused = tried.flatMap((one) => one.refused ?? []);
  if (refused.length > 0) throw new TodoctlError('TODOCTL_CLUSTER_REFUSED', { message: `${kubernetes.where} refuses ${refused.length === 1 ? 'an object' : `${refused.length} objects`}`, details: refused });
  const wanted = new Set(desired.objects.map(({ object }) => identityOf(object)));
  const gone = listed.objects.filter((object) => !wanted.has(identityOf(object)) && listed.prunable(object));
  const approximate = tried.some((one) => one.approximate);
  return {
    changes: [...releases.changes, ...tried.flatMap(({ change }) => change ?? []), ...gone.map((object) => pruneOf(object, platform, systems))],
    approximate: approximate || listed.unseen.length > 0 || releases.unseen.length > 0,
    unseen: [...(approximate ? ['You may read but not write: what is declared was compared with what is there, without a dry run.'] : []), ...listed.unseen, ...releases.unseen],
    warnings: [...new Set(tried.flatMap(({ warnings = [] }) => warnings))],
    live: listed.objects,
  };
}

interface Known {
  resources: readonly Resource[];
  live: ReadonlyMap<string, KubernetesObject>;
  listed: Listed;
  provided: ReadonlyMap<string, string>;
}

async function tryObject(kubernetes: Kubernetes, wanted: Wanted, { resources, live, listed, provided }: Known): Promise<Tried> {
  const { object, manager } = wanted;
  const { apiVersion, kind, metadata: { name, namespace } } = object;
  const resource = resources.find((one) => one.kind === kind && versionOf(one) === apiVersion);
  if (!resource) return { change: laterOf(wanted, provided.get(groupOf(apiVersion))) };
  const path = pathOf(resource, namespace, name);
  const { status, body, warnings } = await kubernetes.ask<KubernetesObject>(`${path}?fieldManager=${manager}&dryRun=All&force=true`, {
    method: 'PATCH', type: 'application/apply-patch+yaml', body: JSON.stringify(object),
  });
  const there = live.get(identityOf(object));
  // Its namespace does not exist yet, so nothing in it does.
  if (status === 404) return { change: changeOf(wanted, 'create', 'its namespace is new too', []) };
  if (status === 201) return { change: changeOf(wanted, 'create', 'it is not there', []), warnings };
  if (status === 200) return { ...changed(wanted, differences(there ?? (await kubernetes.ask<KubernetesObject>(path)).body, body)), warnings };
  if (status !== 403 || !/cannot patch resource/.test(reasonOf(body))) return { refused: `${kind} ${inside(namespace)}${name}: ${reasonOf(body)}` };
  if (there) return { ...changed(wanted, declaredDifferences(there, object)), approximate: true };
  // What could not be listed is told of as unseen; that it is new would be a guess.
  return listed.saw(object) ? { change: changeOf(wanted, 'create', 'it is not there', []), approximate: true } : { approximate: true };
}

export function versionOf({ group, version }: Resource): string {
  return group === '' ? version : `${group}/${version}`;
}

function changed(wanted: Wanted, fields: FieldChange[]): Tried {
  return fields.length === 0 ? {} : { change: changeOf(wanted, 'change', 'it is declared otherwise', fields) };
}

/** A change of one object. */
export function changeOf({ object: { kind, metadata: { name, namespace } }, system }: Wanted, action: Change['action'], reason: string, fields: FieldChange[]): Change {
  return { action, kind, ...(namespace === undefined ? {} : { namespace }), name, system, reason, fields };
}

function laterOf(wanted: Wanted, after: string | undefined): Change {
  const reason = after === undefined ? `the cluster has no kind ${wanted.object.kind}, and nothing here brings it` : `its kind comes with ${after}`;
  return { ...changeOf(wanted, 'after', reason, []), ...(after === undefined ? {} : { after }) };
}

function pruneOf(object: KubernetesObject, platform: Platform, systems: readonly string[]): Change {
  const { kind, metadata: { name, namespace, labels } } = object;
  return { action: 'prune', kind, ...(namespace === undefined ? {} : { namespace }), name, system: labels?.['todoctl.io/system'] ?? '', reason: pruneReason(object, platform, systems), fields: [] };
}

function inside(namespace: string | undefined): string {
  return namespace === undefined ? '' : `${namespace}/`;
}
