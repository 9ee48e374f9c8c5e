// Who may do what in the cluster: judged as an API server judges, by what each Role allows and by what it must not.
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Platform } from '../../../cli/definition/platform.ts';
import { openTemplates } from '../../../cli/render/templates.ts';
import { accessArtefacts, WHO, type Who } from '../../../cli/systems/access.ts';
import { type Applied, resourceOf } from '../../../cli/systems/resources.ts';
import { allows, type Request, requestsOf } from '../../support/rbac.ts';
import { type KubernetesObject, objectsIn, platformIn, renderedOf } from '../../support/rendered.ts';

const templates = openTemplates();

function rolesOf(platform: Platform, objects: readonly Applied[]): KubernetesObject[] {
  return accessArtefacts(platform, objects).map(({ template, view }) => parse(templates.fill(template, { labels: {}, ...view })) as KubernetesObject);
}
const appliedOf = ({ apiVersion, kind, metadata: { name, namespace } }: KubernetesObject): Applied => ({ group: apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '', kind, name, namespace });
const isAccess = ({ apiVersion }: KubernetesObject): boolean => apiVersion.startsWith('rbac.');
/** `pods`, `kafka.strimzi.io/kafkatopics`, `pods/log`: the group is what has a dot. */
function ask(verb: string, what: string, name?: string, namespace: string | null = 'todo'): Request {
  const [first = '', ...rest] = what.split('/');
  const [group, resource] = first.includes('.') ? [first, rest.join('/')] : first === 'apps' || first === 'batch' ? [first, rest.join('/')] : ['', what];
  return { verb, group, resource, ...(name === undefined ? {} : { name }), ...(namespace === null ? {} : { namespace }) };
}

describe('in prod', () => {
  let all: KubernetesObject[];
  let applied: Applied[];
  const of = (who: Who): KubernetesObject[] => all.filter(({ kind, metadata }) => kind.endsWith('Role') && metadata.name === `todo-${who}`);

  beforeAll(async () => {
    const rendered = objectsIn(renderedOf(await platformIn('prod')));
    all = rendered.filter(isAccess);
    applied = rendered.filter((object) => !isAccess(object)).map(appliedOf);
  });

  test.each<[Who, 'may' | 'may not', ...Parameters<typeof ask>]>([
    ['tail', 'may', 'list', 'pods'],
    ['tail', 'may', 'list', 'discovery.k8s.io/endpointslices'],
    ['tail', 'may', 'create', 'pods/portforward'],
    ['tail', 'may', 'get', 'pods/portforward'],
    ['tail', 'may', 'get', 'secrets', 'kafka-tail'],
    ['tail', 'may', 'get', 'secrets', 'todo-cluster-ca-cert'],
    ['tail', 'may not', 'get', 'secrets', 'kafka-task-api'],
    ['tail', 'may not', 'get', 'secrets', 'kafka-lag'],
    ['tail', 'may not', 'list', 'secrets'],
    ['tail', 'may not', 'create', 'pods/exec'],
    ['tail', 'may not', 'get', 'pods/log'],
    ['tail', 'may not', 'list', 'pods', undefined, 'kube-system'],
    ['tail', 'may not', 'list', 'kafka.strimzi.io/kafkatopics'],
    ['lag', 'may', 'get', 'secrets', 'kafka-lag'],
    ['lag', 'may', 'get', 'secrets', 'kafka-tail'],
    ['lag', 'may', 'create', 'pods/portforward'],
    ['lag', 'may not', 'get', 'secrets', 'kafka-task-api'],
    ['lag', 'may not', 'patch', 'kafka.strimzi.io/kafkausers', 'lag'],
    ['viewer', 'may', 'watch', 'kafka.strimzi.io/kafkatopics'],
    ['viewer', 'may', 'get', 'pods/log'],
    ['viewer', 'may', 'list', 'dapr.io/components'],
    ['viewer', 'may', 'get', 'namespaces', 'todo', null],
    ['viewer', 'may not', 'list', 'namespaces', undefined, null],
    ['viewer', 'may not', 'get', 'secrets', 'kafka-tail'],
    ['viewer', 'may not', 'create', 'pods/portforward'],
    ['viewer', 'may not', 'delete', 'pods', 'task-api-1'],
    ['viewer', 'may not', 'get', 'pods/log', undefined, 'dapr-system'],
    ['plan', 'may', 'patch', 'networking.k8s.io/networkpolicies', 'default'],
    ['plan', 'may', 'create', 'kafka.strimzi.io/kafkatopics'],
    ['plan', 'may', 'patch', 'namespaces', 'todo', null],
    ['plan', 'may', 'list', 'nodes', undefined, null],
    ['plan', 'may', 'list', 'pods', undefined, 'kube-system'],
    ['plan', 'may', 'list', 'apiextensions.k8s.io/customresourcedefinitions', undefined, null],
    ['plan', 'may', 'get', 'rbac.authorization.k8s.io/roles', 'todo-tail'],
    ['plan', 'may not', 'patch', 'rbac.authorization.k8s.io/roles', 'todo-tail'],
    ['plan', 'may not', 'patch', 'namespaces', 'kube-system', null],
    ['plan', 'may not', 'create', 'namespaces', undefined, null],
    ['plan', 'may not', 'delete', 'kafka.strimzi.io/kafkatopics', 'task-events'],
    ['plan', 'may not', 'get', 'secrets', 'postgres'],
    ['plan', 'may not', 'create', 'kafka.strimzi.io/kafkaconnects'],
    ['plan', 'may not', 'create', 'pods/portforward'],
    ['deployer', 'may', 'delete', 'kafka.strimzi.io/kafkatopics', 'task-events'],
    ['deployer', 'may', 'create', 'secrets'],
    ['deployer', 'may', 'patch', 'apps/deployments/scale', 'task-api'],
    ['deployer', 'may', 'patch', 'rbac.authorization.k8s.io/roles', 'todo-tail'],
    ['deployer', 'may', 'create', 'pods'],
    ['deployer', 'may', 'create', 'coordination.k8s.io/leases', undefined, 'kube-system'],
    ['deployer', 'may', 'patch', 'coordination.k8s.io/leases', 'todoctl-todo-prod', 'kube-system'],
    ['deployer', 'may', 'delete', 'coordination.k8s.io/leases', 'todoctl-todo-prod', 'kube-system'],
    ['deployer', 'may not', 'patch', 'coordination.k8s.io/leases', 'kube-scheduler', 'kube-system'],
    ['deployer', 'may not', 'delete', 'coordination.k8s.io/leases', 'todoctl-todo-staging', 'kube-system'],
    ['deployer', 'may not', 'get', 'secrets', 'any', 'kube-system'],
    ['deployer', 'may', 'patch', 'secrets', 'grafana-admin', 'monitoring'],
    ['deployer', 'may not', 'get', 'secrets', 'other', 'monitoring'],
    ['deployer', 'may not', 'create', 'rbac.authorization.k8s.io/roles'],
    ['deployer', 'may not', 'patch', 'rbac.authorization.k8s.io/clusterroles', 'cluster-admin', null],
    ['deployer', 'may not', 'delete', 'namespaces', 'todo', null],
    ['deployer', 'may not', 'get', 'secrets', 'dapr-trust-bundle', 'dapr-system'],
    ['deployer', 'may not', 'create', 'pods/exec'],
  ])('%s %s %s %s %s %s', (who, verdict, ...what) => {
    expect(allows(of(who), ask(...what))).toBe(verdict === 'may');
  });

  test.each(WHO)('%s may see which cluster it is: every command asks that first', (who) => {
    expect(allows(of(who), ask('get', 'namespaces', 'kube-system', null))).toBe(true);
  });

  test('plan may try every object that is applied, and nothing of a kind that is not', () => {
    expect(applied.length).toBeGreaterThan(20);
    for (const object of applied) {
      const request = { group: object.group, resource: resourceOf(object), ...(object.namespace === undefined ? {} : { namespace: object.namespace }) };
      expect(allows(of('plan'), { ...request, verb: 'get', name: object.name }), object.kind).toBe(true);
      expect(allows(of('plan'), { ...request, verb: 'patch', name: object.name }), object.kind).toBe(true);
      // Which namespaces there are is not for it to say.
      expect(allows(of('plan'), { ...request, verb: 'create' }), object.kind).toBe(object.kind !== 'Namespace');
    }
    const kinds = new Set(applied.map((object) => `${object.group}/${resourceOf(object)}`));
    const writes = of('plan').flatMap(requestsOf).filter(({ verb }) => verb === 'create' || verb === 'patch');
    for (const { group, resource } of writes) expect(kinds).toContain(`${group}/${resource}`);
  });

  test('viewer may see every object that is applied', () => {
    for (const { group, kind, name, namespace } of applied) {
      expect(allows(of('viewer'), { verb: 'get', group, resource: resourceOf({ kind }), name, ...(namespace === undefined ? {} : { namespace }) }), kind).toBe(true);
    }
  });

  test('nobody but a deployer changes anything, or reads a Secret that is not named', () => {
    for (const who of WHO.filter((other) => other !== 'deployer' && other !== 'plan')) {
      const requests = of(who).flatMap(requestsOf);
      expect(requests.filter(({ verb, resource }) => !['get', 'list', 'watch'].includes(verb) && resource !== 'pods/portforward'), who).toEqual([]);
      expect(requests.filter(({ resource, name }) => resource === 'secrets' && name === undefined), who).toEqual([]);
    }
  });

  test('nobody has a right to all: no star in any rule', () => {
    for (const role of all) expect(JSON.stringify(role)).not.toContain('"*"');
  });

  // The API server refuses to let anybody write a Role with rights that he lacks.
  test('a deployer has every right of the others, so that he may apply their Roles', () => {
    for (const who of WHO) {
      for (const request of of(who).flatMap(requestsOf)) expect(allows(of('deployer'), request), `${who}: ${JSON.stringify(request)}`).toBe(true);
    }
  });

  test('a Role is bound to nobody unless the environment names groups', () => {
    expect(all.filter(({ kind }) => kind.endsWith('Binding'))).toEqual([]);
  });
});

describe('of any environment', () => {
  const text = (access: string, kafka = ''): string => `platform: shop
topics: { orders: { key: user } }
services: { till: { publishes: [orders] } }
environments:
  prod: { provider: existing, context: c${kafka}${access} }
`;

  test('groups of the environment are bound to each Role of theirs, and to no other', async () => {
    const platform = await platformIn('prod', text(', access: { plan: [ci, ops], tail: [devs] }'));
    const objects = rolesOf(platform, [{ group: 'cert-manager.io', kind: 'ClusterIssuer', name: 'acme' }]);
    const bindings = objects.filter(({ kind }) => kind.endsWith('Binding'));
    const group = (name: string): object => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name });
    expect(bindings.map(({ kind, metadata, roleRef, subjects }) => [kind, metadata.namespace, roleRef, subjects])).toEqual([
      ['RoleBinding', 'shop', { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'shop-tail' }, [group('devs')]],
      ['ClusterRoleBinding', undefined, { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'shop-tail' }, [group('devs')]],
      ['RoleBinding', 'shop', { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'shop-plan' }, [group('ci'), group('ops')]],
      ...['kube-system', 'monitoring'].map((namespace) => ['RoleBinding', namespace, { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'shop-plan' }, [group('ci'), group('ops')]]),
      ['ClusterRoleBinding', undefined, { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'shop-plan' }, [group('ci'), group('ops')]],
    ]);
  });

  test('objects of another namespace bring Roles there, in files of their own', async () => {
    const platform = await platformIn('prod', text(''));
    const artefacts = accessArtefacts(platform, [{ group: 'velero.io', kind: 'Schedule', name: 'daily', namespace: 'velero' }]);
    expect(artefacts.map(({ file }) => file)).toContain('role-viewer-velero.yaml');
    expect(new Set(artefacts.map(({ file }) => file)).size).toBe(artefacts.length);
    const roles = rolesOf(platform, [{ group: 'velero.io', kind: 'Schedule', name: 'daily', namespace: 'velero' }]).filter(({ metadata }) => metadata.name === 'shop-viewer');
    expect(allows(roles, ask('list', 'velero.io/schedules', undefined, 'velero'))).toBe(true);
    expect(allows(roles, ask('list', 'velero.io/schedules', undefined, 'shop'))).toBe(false);
    expect(allows(roles, ask('get', 'pods/log', undefined, 'velero'))).toBe(false);
  });

  test('where one user is for all, tail reads the one Secret that holds it; where nobody signs in, none', async () => {
    const secretsOf = async (kafka: string): Promise<(string | undefined)[]> => {
      const roles = rolesOf(await platformIn('prod', text('', kafka)), []).filter(({ metadata }) => metadata.name === 'shop-tail');
      return roles.flatMap(requestsOf).filter(({ resource }) => resource === 'secrets').map(({ name }) => name);
    };
    expect(await secretsOf(', kafka: { provider: external, mechanism: scram-sha-512, ca: true }')).toEqual(['kafka']);
    expect(await secretsOf(', kafka: { bootstrap: "kafka.example.com:9092" }')).toEqual([]);
    expect(await secretsOf(', kafka: { provider: digitalocean }')).toEqual(['kafka', 'kafka-tail']);
  });
});

test('the judge: rules add up, names narrow, a Role ends at its namespace, a list has no name', () => {
  const role = (rule: object, kind = 'Role'): KubernetesObject => ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind, metadata: { name: 'r', ...(kind === 'Role' ? { namespace: 'todo' } : {}) }, rules: [rule] });
  const pods = role({ apiGroups: [''], resources: ['pods'], verbs: ['get'] });
  expect(allows([pods], ask('get', 'pods', 'a'))).toBe(true);
  expect(allows([pods], ask('list', 'pods'))).toBe(false);
  expect(allows([pods], ask('get', 'pods/log', 'a'))).toBe(false);
  expect(allows([pods], ask('get', 'pods', 'a', 'other'))).toBe(false);
  expect(allows([pods, role({ apiGroups: [''], resources: ['pods'], verbs: ['list'] })], ask('list', 'pods'))).toBe(true);
  const named = role({ apiGroups: [''], resources: ['secrets'], resourceNames: ['a'], verbs: ['get', 'list'] });
  expect([allows([named], ask('get', 'secrets', 'a')), allows([named], ask('get', 'secrets', 'b')), allows([named], ask('list', 'secrets'))]).toEqual([true, false, false]);
  expect(allows([role({ apiGroups: ['*'], resources: ['*/log'], verbs: ['*'] }, 'ClusterRole')], ask('get', 'pods/log', 'a', 'other'))).toBe(true);
});
