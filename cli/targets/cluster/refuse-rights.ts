import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { Kubernetes } from '../../kubernetes/client.ts';
import { discover, type Resource } from '../../kubernetes/discovery.ts';
import { readObject } from '../../kubernetes/read.ts';
import { byArgoCD } from '../../systems/delivery.ts';
import { kafkaOf } from '../../systems/kafka-access.ts';
import { namespaceOf } from '../../systems/names.ts';
import type { Chart } from '../../systems/system.ts';
import { lockNameOf } from './lease.ts';
import { applyingDeeds, type Deed, lackingRights, mayDoAll, rightsText } from './rights.ts';
import { ownSecrets } from './secrets.ts';
import type { Wanted } from './wanted.ts';

type Platform = Wanted['platform'];

const METRICS = /(?:^|\.)metrics\.k8s\.io$/;

/**
 * Refuses a deploy of which the user may not do all: everything that he lacks is named, before anything is changed. Charts in whose
 * namespaces he may not see Helm's records are an administrator's, and must be there. Errors: TODOCTL_CLUSTER_FORBIDDEN and others of asking.
 */
export async function refuseDeployWithoutRights(kubernetes: Kubernetes, { platform, systems, desired }: Wanted): Promise<void> {
  if (await mayDoAll(kubernetes)) return;
  const resources = await discover(kubernetes);
  const heads = desired.objects.map(({ head }) => head);
  const deeds = [...lockDeeds(platform), ...releaseDeeds(platform), ...deployDeeds(platform), ...(await applyingDeeds(kubernetes, heads, resources))];
  const [lacking, charts] = await Promise.all([lackingRights(kubernetes, deeds), chartsToInstall(kubernetes, systems.flatMap((system) => system.charts ?? []), resources)]);
  const namespaces = lacking.filter(({ verb, resource, group }) => verb === 'create' && resource === 'namespaces' && group === '').flatMap(({ objects = [] }) => objects.map(({ name }) => name));
  // RBAC knows no right to make one Secret by its name: those among others' are made by the first deploy. Who may not see one lacks more.
  const elsewhere = lacking.filter(({ resource, namespace: where }) => resource === 'secrets' && where !== namespaceOf(platform));
  const isFirst = elsewhere.length > 0 && elsewhere.every(({ verb }) => verb === 'create');
  if (charts.length > 0 || namespaces.length > 0 || isFirst) throw takesAdministrator(kubernetes.where, platform, { charts, namespaces, lacking });
  if (lacking.length > 0) throw forbidden(`You may not do all that a deploy does in ${kubernetes.where}`, platform, lacking);
}

/** The same of a rollback; an administrator needs nothing rendered for it. */
export async function refuseRollbackWithoutRights(kubernetes: Kubernetes, wanted: () => Promise<Wanted>): Promise<void> {
  if (await mayDoAll(kubernetes)) return;
  const { platform, desired } = await wanted();
  const heads = desired.objects.filter(({ manager }) => manager === 'helm').map(({ head }) => head);
  const lacking = await lackingRights(kubernetes, [...lockDeeds(platform), ...releaseDeeds(platform), ...(await applyingDeeds(kubernetes, heads))]);
  if (lacking.length > 0) throw forbidden(`You may not do all that a rollback does in ${kubernetes.where}`, platform, lacking);
}

/**
 * Refuses a teardown by anybody but an administrator: whoever may not see all namespaces and kinds would call gone what he does not see.
 */
export async function refuseTeardownWithoutRights(kubernetes: Kubernetes, { environment }: { environment: string }): Promise<void> {
  if (await mayDoAll(kubernetes)) return;
  const lacking = await lackingRights(kubernetes, [
    ...['list', 'delete'].flatMap((verb) => [
      { verb, group: '', resource: 'namespaces' }, { verb, group: '', resource: 'secrets' }, { verb, group: '', resource: 'persistentvolumeclaims' },
      { verb, group: 'apiextensions.k8s.io', resource: 'customresourcedefinitions' }, { verb, group: 'rbac.authorization.k8s.io', resource: 'clusterroles' },
    ]),
  ]);
  if (lacking.length === 0) return;
  throw new TodoctlError('TODOCTL_CLUSTER_FORBIDDEN', {
    message: `You may not do all that a teardown does in ${kubernetes.where}`,
    details: rightsText(lacking),
    why: 'Namespaces, kinds and operators are of the whole cluster; whoever may not see them all could not say what is gone. Nothing was changed.',
    next: [`Have an administrator (cluster-admin) run todoctl teardown --env ${environment}.`],
  });
}

/** The Lease is made, renewed and given back. */
function lockDeeds({ name, environment }: Platform): Deed[] {
  const leases = { group: 'coordination.k8s.io', resource: 'leases', namespace: 'kube-system' };
  const objects = [{ name: lockNameOf({ platform: name, environment: environment.name }) }];
  return [{ verb: 'create', ...leases }, ...['get', 'patch', 'delete'].map((verb) => ({ verb, ...leases, objects }))];
}

/** Helm keeps a release in Secrets; pods and events explain what is waited for. */
function releaseDeeds(platform: Platform): Deed[] {
  const namespace = namespaceOf(platform);
  return [
    ...['get', 'list', 'create', 'update', 'patch', 'delete'].map((verb) => ({ verb, group: '', resource: 'secrets', namespace })),
    ...['pods', 'events'].map((resource) => ({ verb: 'list', group: '', resource, namespace })),
  ];
}

/** What a deploy does beside applying: Secrets among those of others, the least replicas of a service, an event that smoke looks for. */
function deployDeeds(platform: Platform): Deed[] {
  const namespace = namespaceOf(platform);
  const elsewhere = ownSecrets(platform).filter((secret) => secret.namespace !== namespace);
  return [
    ...elsewhere.flatMap(({ name, namespace: there }): Deed[] => {
      const of = { group: '', resource: 'secrets', namespace: there };
      return [...['get', 'patch'].map((verb) => ({ verb, ...of, objects: [{ name }] })), { verb: 'create', ...of, objects: [{ name, path: `/api/v1/namespaces/${there}/secrets/${name}` }] }];
    }),
    { verb: 'patch', group: 'apps', resource: 'deployments/scale', namespace },
    ...(kafkaOf(platform).provider === 'strimzi' ? [{ verb: 'get', group: '', resource: 'pods/portforward', namespace }] : []),
  ];
}

/** Charts that are not there as far as one sees, and that the user may not look after. */
async function chartsToInstall(kubernetes: Kubernetes, charts: readonly Chart[], resources: readonly Resource[]): Promise<string[]> {
  const served = new Set(resources.map(({ group }) => group));
  const found = await Promise.all(charts.map(async ({ release, namespace, provides }) => {
    const hidden = (await lackingRights(kubernetes, [{ verb: 'list', group: '', resource: 'secrets', namespace }])).length > 0;
    // Figures are served by pods, which may be down; kinds stay.
    const kinds = provides.filter((group) => !METRICS.test(group));
    const there = (kinds.length === 0 || kinds.some((group) => served.has(group))) && (await isThere(kubernetes, namespace));
    return hidden && !there ? [release] : [];
  }));
  return found.flat();
}

/** One that may not be seen is taken for there: then what is to be done in it is judged. */
async function isThere(kubernetes: Kubernetes, namespace: string): Promise<boolean> {
  return readObject(kubernetes, `/api/v1/namespaces/${encodeURIComponent(namespace)}`).then((found) => found !== undefined, (error: unknown) => {
    if (error instanceof TodoctlError && error.code === 'TODOCTL_CLUSTER_FORBIDDEN') return true;
    throw error;
  });
}

function takesAdministrator(where: string, { environment: { name } }: Platform, { charts, namespaces, lacking }: { charts: readonly string[]; namespaces: readonly string[]; lacking: readonly Deed[] }): TodoctlError {
  return new TodoctlError('TODOCTL_CLUSTER_FORBIDDEN', {
    message: `This deploy into ${where} takes an administrator (cluster-admin)`,
    details: [
      ...(charts.length > 0 ? [`not installed yet: ${charts.join(', ')}`] : []),
      ...(namespaces.length > 0 ? [`not there yet, and you may not make it: namespace ${namespaces.join(', ')}`] : []),
      ...rightsText(lacking),
    ],
    why: 'Namespaces, kinds and operators are of the whole cluster, and a chart brings roles that the API server takes only from who has all of their rights. Nothing was changed.',
    next: [`Name your group in the environment, access: { deployer: [GROUP] }, and have an administrator run todoctl deploy --env ${name} once.`, 'From then on the role deployer is enough, until charts change.'],
  });
}

function forbidden(message: string, platform: Platform, lacking: readonly Deed[]): TodoctlError {
  const { environment } = platform;
  const details = rightsText(lacking);
  if (byArgoCD(platform)) {
    return new TodoctlError('TODOCTL_CLUSTER_FORBIDDEN', {
      message,
      details,
      why: `Argo CD deploys ${environment.name}, so no role of it has these rights; nothing was changed.`,
      next: ['Commit the change, and Argo CD brings it.', 'What Argo CD cannot do is an administrator’s (cluster-admin).'],
    });
  }
  return new TodoctlError('TODOCTL_CLUSTER_FORBIDDEN', {
    message,
    details,
    why: 'The role deployer of the environment has all of these rights; nothing was changed.',
    next: [
      `Its manifests, files named role-deployer: todoctl render --env ${environment.name} --only access.`,
      'To be bound to it: name your group in the environment, access: { deployer: [GROUP] }, and have an administrator deploy.',
    ],
  });
}
