import * as z from 'zod';
import type { Platform } from '../definition/platform.ts';
import { byArgoCD } from './delivery.ts';
import { kafkaOf } from './kafka-access.ts';
import { GRAFANA_SECRET, hasMonitoring, MONITORING_NAMESPACE, RECEIVERS_SECRET } from './monitoring/settings.ts';
import { namespaceOf } from './names.ts';
import { type Applied, resourceOf } from './resources.ts';
import { type Artefact, defineSystem } from './system.ts';

/** What a person or a pipeline may be. */
export const WHO = ['deployer', 'viewer', 'tail', 'lag', 'plan'] as const;
export type Who = (typeof WHO)[number];

/** What may be done with which resources; with those of these names only, where there are some. */
export interface Rule {
  apiGroups: readonly string[];
  resources: readonly string[];
  verbs: readonly string[];
  resourceNames?: readonly string[];
}

const groups = z.array(z.string().min(1)).default([]);
const settings = z
  .strictObject({
    deployer: groups.describe('Groups that may deploy, roll back and scale, once an administrator has deployed for the first time. A ServiceAccount is in the group system:serviceaccounts:NAMESPACE.'),
    viewer: groups.describe('Groups that may see all but Secrets.'),
    tail: groups.describe('Groups that may read events.'),
    lag: groups.describe('Groups that may read events and how far consumers are behind.'),
    plan: groups.describe('Groups that may ask what deploy would change. The API server lets only those ask who could do it.'),
  })
  .prefault({});

/** Who may do what in the cluster. Its Roles follow from all other objects, so they are made after them: accessArtefacts. */
export const access = defineSystem({ id: 'access', needs: [], settings, parts: () => undefined });

const READ = ['get', 'list', 'watch'];
const ASK = ['get', 'list'];
/** A server-side dry run is a write to the API server, which makes what is missing. */
const DRY_RUN = ['get', 'list', 'create', 'patch'];
const WRITE = [...READ, 'create', 'update', 'patch', 'delete'];

/**
 * The least rights of each of WHO, as Roles in each namespace that `objects` are in and a ClusterRole for what is in none; bound to
 * the groups that the environment names. `objects`: all others of the environment, of both owners.
 */
export function accessArtefacts(platform: Platform, objects: readonly Applied[]): Artefact[] {
  const named = platform.environment.systems['access'] as z.output<typeof settings> | undefined;
  const places = [...new Set([namespaceOf(platform), ...(byArgoCD(platform) ? [] : [LOCK_NAMESPACE]), ...(hasMonitoring(platform) ? [MONITORING_NAMESPACE] : []), ...objects.map(({ namespace }) => namespace)])];
  return WHO.flatMap((who) =>
    places.flatMap((namespace) => {
      const rules = [...rulesOf(platform, who, namespace, objects), ...(namespace === undefined ? [IDENTITY] : [])];
      return rules.length === 0 ? [] : roleAndBinding(platform, who, namespace, rules, named?.[who] ?? []);
    }),
  );
}

function roleAndBinding(platform: Platform, who: Who, namespace: string | undefined, rules: readonly Rule[], bound: readonly string[]): Artefact[] {
  const name = nameOf(platform, who);
  const prefix = namespace === undefined ? 'Cluster' : '';
  const suffix = namespace === undefined || namespace === namespaceOf(platform) ? '' : `-${namespace}`;
  const place = { name, namespace: namespace ?? null };
  const role: Artefact = {
    owner: 'applied',
    file: `${prefix.toLowerCase()}role-${who}${suffix}.yaml`,
    template: 'kubernetes/role.yaml.hbs',
    view: { ...place, kind: `${prefix}Role`, rules: rules.map((rule) => ({ ...rule, resourceNames: rule.resourceNames ?? null })) },
  };
  const binding: Artefact = {
    owner: 'applied',
    file: `${prefix.toLowerCase()}rolebinding-${who}${suffix}.yaml`,
    template: 'kubernetes/role-binding.yaml.hbs',
    view: { ...place, kind: `${prefix}RoleBinding`, role: `${prefix}Role`, groups: bound },
  };
  return bound.length > 0 ? [role, binding] : [role];
}

/** `namespace`: undefined for what is in none. */
function rulesOf(platform: Platform, who: Who, namespace: string | undefined, objects: readonly Applied[]): Rule[] {
  const home = namespace === namespaceOf(platform);
  const clusterWide = namespace === undefined;
  const here = objects.filter((object) => object.namespace === namespace);
  const plain = here.filter((object) => !isNamespace(object));
  switch (who) {
    case 'viewer':
      return [...each(plain, READ), ...namespaces(here, ['get']), ...(home ? RUNNING : [])];
    case 'tail':
      return home ? [...REACH, ...secretsOf(platform, ['tail'])] : [];
    case 'lag':
      return home ? [...REACH, ...secretsOf(platform, ['tail', 'lag'])] : [];
    case 'plan':
      // Of Roles it may only read: a dry run of one wants every right that it gives.
      return [...each(plain, DRY_RUN), ...namespaces(here, ['get', 'patch']), ...(clusterWide ? CAPACITY : []), ...roles(platform, clusterWide, ['get'])];
    case 'deployer':
      return [
        ...each(plain, WRITE),
        ...namespaces(here, ['get', 'patch']),
        ...(clusterWide ? CAPACITY : []),
        ...(home ? [...RUNNING, ...OPERATING, FORWARD] : []),
        ...(namespace === LOCK_NAMESPACE ? lock(platform) : []),
        ...(namespace === MONITORING_NAMESPACE ? [SECRETS_OF_MONITORING] : []),
        // Nobody may give a right that he lacks: so a deployer has all that the others have, and gives no more.
        ...roles(platform, clusterWide, ['get', 'patch', 'update']),
      ];
  }
}

/** A cluster is known by the UID of this namespace: who may not see that is kept from every command, lest it speak to another cluster. */
const IDENTITY: Rule = { apiGroups: [''], resources: ['namespaces'], verbs: ['get'], resourceNames: ['kube-system'] };

/**
 * Where the Lease is that keeps a second deploy out: there in every cluster, before the first deploy and after the last teardown. Argo CD
 * has no need of it, and is kept out of this namespace.
 */
const LOCK_NAMESPACE = 'kube-system';

/** The Lease of this environment, and the right to make one, which can be narrowed to no name. */
function lock({ name, environment }: Platform): Rule[] {
  const leases = { apiGroups: ['coordination.k8s.io'], resources: ['leases'] };
  return [{ ...leases, verbs: ['create'] }, { ...leases, verbs: ['get', 'patch', 'delete'], resourceNames: [`todoctl-${name}-${environment.name}`] }];
}

/** Secrets of ours among those of Prometheus, by their names: deploy looks at each, and writes what todoctl.yaml refers to. */
const SECRETS_OF_MONITORING: Rule = { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'patch'], resourceNames: [GRAFANA_SECRET.name, RECEIVERS_SECRET.name] };

/** Beside what is applied: what runs because of it. Never Secrets. */
const RUNNING: readonly Rule[] = [
  { apiGroups: [''], resources: ['pods', 'pods/log', 'events', 'configmaps', 'endpoints', 'services', 'serviceaccounts', 'persistentvolumeclaims', 'resourcequotas', 'limitranges'], verbs: READ },
  { apiGroups: ['apps'], resources: ['deployments', 'replicasets', 'statefulsets'], verbs: READ },
  { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'], verbs: READ },
  { apiGroups: ['batch'], resources: ['jobs', 'cronjobs'], verbs: READ },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: READ },
  { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: READ },
];

/** What deploy does beside applying: Helm keeps a release in Secrets, a smoke test is a pod, scaling is a resource of its own. */
const OPERATING: readonly Rule[] = [
  { apiGroups: [''], resources: ['secrets', 'pods'], verbs: WRITE },
  { apiGroups: ['apps'], resources: ['deployments/scale'], verbs: ['get', 'patch', 'update'] },
];

/** Whether what is planned has room: nodes, and all that runs on them already. */
const CAPACITY: readonly Rule[] = [
  { apiGroups: [''], resources: ['nodes', 'pods', 'persistentvolumes'], verbs: ASK },
  { apiGroups: ['storage.k8s.io'], resources: ['csinodes'], verbs: ASK },
  { apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs: ASK },
];

/** By WebSocket a forward is asked for with GET, by SPDY with POST. */
const FORWARD: Rule = { apiGroups: [''], resources: ['pods/portforward'], verbs: ['create', 'get'] };

/** To find the brokers and to reach them. */
const REACH: readonly Rule[] = [
  { apiGroups: [''], resources: ['pods'], verbs: ASK },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ASK },
  FORWARD,
];

/** To sign in at the brokers as these users, who decide what Kafka then allows. */
function secretsOf(platform: Platform, users: readonly string[]): Rule[] {
  const { bootstrap, sasl, ca } = kafkaOf(platform);
  const references = [typeof bootstrap === 'string' ? undefined : bootstrap, sasl?.username === 'own' ? undefined : sasl?.username, ca, ...users.map((user) => sasl?.password(user))];
  const resourceNames = [...new Set(references.flatMap((secret) => secret?.name ?? []))];
  return resourceNames.length === 0 ? [] : [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'], resourceNames }];
}

/** The Roles and bindings that are made here, known by their names. */
function roles(platform: Platform, clusterWide: boolean, verbs: readonly string[]): Rule[] {
  const resources = clusterWide ? ['clusterroles', 'clusterrolebindings'] : ['roles', 'rolebindings'];
  return [{ apiGroups: ['rbac.authorization.k8s.io'], resources, verbs, resourceNames: WHO.map((who) => nameOf(platform, who)) }];
}

function nameOf({ name }: Platform, who: Who): string {
  return `${name}-${who}`;
}

/** One rule per API group, so that a Role can be read. */
function each(objects: readonly Applied[], verbs: readonly string[]): Rule[] {
  const byGroup = Map.groupBy(objects, ({ group }) => group);
  return [...byGroup].sort(([one], [other]) => one.localeCompare(other)).map(([group, of]) => ({ apiGroups: [group], resources: [...new Set(of.map(resourceOf))].sort(), verbs }));
}

function isNamespace({ group, kind }: Applied): boolean {
  return group === '' && kind === 'Namespace';
}

/** Of namespaces only our own: no right to make one can be narrowed to a name. */
function namespaces(objects: readonly Applied[], verbs: readonly string[]): Rule[] {
  const resourceNames = objects.filter(isNamespace).map(({ name }) => name);
  return resourceNames.length === 0 ? [] : [{ apiGroups: [''], resources: ['namespaces'], verbs, resourceNames }];
}
