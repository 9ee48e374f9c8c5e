import type { Environment, Platform } from '../../../definition/platform.ts';
import { TodoctlError } from '../../../errors/todoctl-error.ts';
import type { Kubernetes } from '../../../kubernetes/client.ts';
import { pathOf, type Resource, versionOf } from '../../../kubernetes/discovery.ts';
import { reasonOf } from '../../../kubernetes/failures.ts';
import { groupOf, identityOf, type KubernetesObject } from '../../../kubernetes/object.ts';
import { isAsApplied } from './as-applied.ts';
import type { Change, Comparison, FieldChange } from './change.ts';
import type { Desired, Wanted } from './desired.ts';
import { declaredDifferences, differences } from './differences.ts';
import { listOurs } from './list.ts';
import { missingKind } from './missing-kind.ts';
import { pruneReason } from './reasons.ts';
import { compareReleases } from './releases.ts';

export interface ClusterComparison extends Comparison {
  /** The objects that are there and ours. */
  live: KubernetesObject[];
}

/** What trying one object came to. */
interface Tried {
  change?: Change;
  refused?: string;
  /** It could not be tried, only compared. */
  approximate?: true;
  /** Its kind, where it could not even be read. */
  unseen?: string;
  warnings?: readonly string[];
  /** What is there, where it was read by its name. */
  there?: KubernetesObject;
}

export interface CompareOptions {
  /** `doubtful`: what is seen to be as it was applied is not tried, as it will not be applied. Left out: all is. */
  tries?: 'all' | 'doubtful';
}

/**
 * Compares with a cluster: every object is tried by a server-side dry run, so that defaults, admission and other owners count as they
 * will when it is applied; where that is forbidden, what is declared is compared with what is there.
 * Errors: TODOCTL_CLUSTER_*.
 */
export async function compareCluster(kubernetes: Kubernetes, resources: readonly Resource[], platform: Platform, desired: Desired, systems: readonly string[], { tries = 'all' }: CompareOptions = {}): Promise<ClusterComparison> {
  const kinds = new Map(resources.map((resource) => [`${versionOf(resource)} ${resource.kind}`, resource]));
  const listing = listOurs(kubernetes, resources, platform, desired.objects);
  const live = listing.then(({ objects }) => new Map(objects.map((object) => [identityOf(object), object])));
  // Of the releases more is to be read than of the objects, so the cluster is asked for them first.
  const [releases, tried, listed] = await Promise.all([
    compareReleases(kubernetes, desired.releases),
    Promise.all(desired.objects.map((wanted) => tryObject(kubernetes, wanted, { kinds, live, tries, provided: desired.provided, provider: platform.environment.provider }))),
    listing,
    live,
  ]);
  const refused = tried.flatMap((one) => one.refused ?? []);
  if (refused.length > 0) throw new TodoctlError('TODOCTL_CLUSTER_REFUSED', { message: `${kubernetes.where} refuses ${refused.length === 1 ? 'an object' : `${refused.length} objects`}`, details: refused });
  const unseen = [...new Set(tried.flatMap((one) => one.unseen ?? []))].sort();
  if (unseen.length > 0 && tried.every((one) => one.unseen !== undefined || one.change?.action === 'after')) {
    throw new TodoctlError('TODOCTL_CLUSTER_FORBIDDEN', { message: `You may see nothing in ${kubernetes.where} that the environment is made of` });
  }
  const wanted = new Set(desired.objects.map(({ head }) => identityOf(head)));
  const gone = listed.objects.filter((object) => !wanted.has(identityOf(object)) && listed.prunable(object));
  const compared = tried.filter((one) => one.approximate).length;
  return {
    changes: [...releases.changes, ...tried.flatMap(({ change }) => change ?? []), ...gone.map((object) => pruneOf(object, platform, systems))],
    approximate: compared + unseen.length + listed.failed.length + releases.unseen.length > 0,
    unseen: [
      ...(compared > 0 ? [`You may not try ${compared} of ${tried.length} objects: what is declared of them was compared with what is there, without a dry run.`] : []),
      ...(unseen.length > 0 ? [`You may not read ${unseen.join(', ')}: what would change there is not known.`] : []),
      ...(listed.hidden.length > 0 ? [`You may not list ${listed.hidden.length} kinds: what an earlier deploy left of them is not known.`] : []),
      ...(listed.failed.length > 0 ? [`The cluster does not list ${listed.failed.join(', ')} now: what an earlier deploy left of them is not known.`] : []),
      ...releases.unseen,
    ],
    warnings: [...new Set(tried.flatMap(({ warnings = [] }) => warnings))],
    live: [...listed.objects, ...tried.flatMap(({ there }) => there ?? [])],
  };
}

interface Known {
  /** `apps/v1 Deployment` → the kind. */
  kinds: ReadonlyMap<string, Resource>;
  /** Known once all kinds are listed: objects are tried meanwhile. */
  live: Promise<ReadonlyMap<string, KubernetesObject>>;
  tries: 'all' | 'doubtful';
  provided: ReadonlyMap<string, string>;
  provider: Environment['provider'];
}

async function tryObject(kubernetes: Kubernetes, wanted: Wanted, { kinds, live, tries, provided, provider }: Known): Promise<Tried> {
  const { head, manager } = wanted;
  const { apiVersion, kind, metadata: { name, namespace } } = head;
  const resource = kinds.get(`${apiVersion} ${kind}`);
  if (!resource) return { change: laterOf(wanted, provided.get(groupOf(apiVersion)), provider) };
  if (tries === 'doubtful') {
    const listed = (await live).get(identityOf(head));
    if (listed && isAsApplied(listed, wanted.object, manager)) return {};
  }
  const path = pathOf(resource, namespace, name);
  const { status, body, warnings } = await kubernetes.ask<KubernetesObject>(`${path}?fieldManager=${manager}&dryRun=All&force=true`, {
    method: 'PATCH', type: 'application/apply-patch+yaml', body: wanted.body,
  });
  // Its namespace does not exist yet, so nothing in it does.
  if (status === 404) return { change: changeOf(wanted, 'create', 'its namespace is new too', []) };
  if (status === 201) return { change: changeOf(wanted, 'create', 'it is not there', []), warnings };
  const tried = status === 200;
  if (!tried && !(status === 403 && NOT_ALLOWED.test(reasonOf(body)))) return { refused: `${kind} ${inside(namespace)}${name}: ${reasonOf(body)}` };
  // What is not labelled as ours, or may not be listed, is read by its name.
  const listed = (await live).get(identityOf(head));
  const there = listed ?? (await read(kubernetes, path));
  if (there === 'hidden') return { unseen: kind };
  if (!there) return { change: changeOf(wanted, 'create', 'it is not there', []), approximate: true };
  const found = listed ? {} : { there };
  return tried ? { ...changed(wanted, differences(there, body)), ...found, warnings } : { ...changed(wanted, declaredDifferences(there, wanted.object)), ...found, approximate: true };
}

/** How RBAC refuses, in its own words: who may not write, or may not give rights that he lacks. Admission refuses by 403 too. */
const NOT_ALLOWED = /cannot patch resource|is attempting to grant RBAC permissions not currently held/;

async function read(kubernetes: Kubernetes, path: string): Promise<KubernetesObject | 'hidden' | undefined> {
  const { status, body } = await kubernetes.ask<KubernetesObject>(path);
  if (status === 403) return 'hidden';
  return status === 200 ? body : undefined;
}

function changed(wanted: Wanted, fields: FieldChange[]): Tried {
  return fields.length === 0 ? {} : { change: changeOf(wanted, 'change', 'it is declared otherwise', fields) };
}

/** A change of one object. */
export function changeOf({ head: { kind, metadata: { name, namespace } }, system }: Wanted, action: Change['action'], reason: string, fields: FieldChange[]): Change {
  return { action, kind, ...(namespace === undefined ? {} : { namespace }), name, system, reason, fields };
}

function laterOf(wanted: Wanted, after: string | undefined, provider: Environment['provider']): Change {
  const reason = after === undefined ? missingKind(wanted.head, provider) : `its kind comes with ${after}`;
  return { ...changeOf(wanted, 'after', reason, []), ...(after === undefined ? {} : { after }) };
}

function pruneOf(object: KubernetesObject, platform: Platform, systems: readonly string[]): Change {
  const { kind, metadata: { name, namespace, labels } } = object;
  return { action: 'prune', kind, ...(namespace === undefined ? {} : { namespace }), name, system: labels?.['todoctl.io/system'] ?? '', reason: pruneReason(object, platform, systems), fields: [] };
}

function inside(namespace: string | undefined): string {
  return namespace === undefined ? '' : `${namespace}/`;
}
