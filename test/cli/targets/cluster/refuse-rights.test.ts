// The role that errors name is judged against what preflight asks for: enough for every environment, and each right that is taken away is named.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { TodoctlError } from '../../../../cli/errors/todoctl-error.ts';
import type { Kubernetes } from '../../../../cli/kubernetes/client.ts';
import { SYSTEMS } from '../../../../cli/systems/all.ts';
import { systemsOf } from '../../../../cli/systems/environment.ts';
import { resourceOf } from '../../../../cli/systems/resources.ts';
import { desiredOf } from '../../../../cli/targets/cluster/compare/desired.ts';
import { refuseDeployWithoutRights, refuseRollbackWithoutRights, refuseTeardownWithoutRights } from '../../../../cli/targets/cluster/refuse-rights.ts';
import type { Wanted } from '../../../../cli/targets/cluster/wanted.ts';
import { allows, type Request } from '../../../support/rbac.ts';
import { type KubernetesObject, objectsIn, platformIn, renderedOf, tagsOf } from '../../../support/rendered.ts';

const byArgoCD = readFileSync('docs/everything.todoctl.yaml', 'utf8');
const everything = byArgoCD.replace(/^ *delivery: .*$/m, '');

async function wantedIn(environment: string, text?: string): Promise<Wanted & { rendered: KubernetesObject[] }> {
  const platform = await platformIn(environment, text);
  const [files, systems] = [renderedOf(platform), systemsOf(platform, SYSTEMS, tagsOf(platform))];
  return { platform, tags: tagsOf(platform), systems, files, desired: desiredOf(platform, files, systems), rendered: objectsIn(files) };
}

const rolesOf = ({ rendered, platform: { name } }: Awaited<ReturnType<typeof wantedIn>>, who: string): KubernetesObject[] => rendered.filter(({ kind, metadata }) => kind.endsWith('Role') && metadata.name === `${name}-${who}`);

/** A cluster in which all of it is deployed but the namespaces that are `gone`, and somebody has these roles. */
function clusterOf({ rendered, systems }: Awaited<ReturnType<typeof wantedIn>>, roles: readonly KubernetesObject[], gone: readonly string[] = []): Kubernetes {
  const kinds = new Map(rendered.map((object) => [`${object.apiVersion} ${object.kind}`, object]));
  const item = (group: string, version: string, resources: object[]): object => ({ metadata: { name: group }, versions: [{ version, resources }] });
  const served = [...kinds.values()].map(({ apiVersion, kind, metadata: { namespace } }) => {
    const [group = '', version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
    return item(group, version ?? '', [{ resource: resourceOf({ kind }), responseKind: { kind }, scope: namespace === undefined ? 'Cluster' : 'Namespaced', verbs: [] }]);
  });
  const ofCharts = systems.flatMap(({ charts = [] }) => charts.flatMap(({ provides }) => provides.map((group) => item(group, 'v1', [{ resource: 'things', responseKind: { kind: 'Thing' }, scope: 'Namespaced', verbs: [] }]))));
  const ask: Kubernetes['ask'] = async (path, { body } = {}) => {
    const answer = (status: number, value: object): never => ({ status, body: value, warnings: [] }) as never;
    if (path === '/api' || path === '/apis') return answer(200, { items: path === '/api' ? [] : [...served, ...ofCharts] });
    if (!path.endsWith('selfsubjectaccessreviews')) return gone.some((name) => path === `/api/v1/namespaces/${name}`) ? answer(404, {}) : answer(200, {});
    const { resource, subresource, ...rest } = (JSON.parse(body ?? '') as { spec: { resourceAttributes: Request & { subresource?: string } } }).spec.resourceAttributes;
    return answer(201, { status: { allowed: allows(roles, { ...rest, resource: subresource === undefined ? resource : `${resource}/${subresource}` }) } });
  };
  return { where: 'test', ask } as Kubernetes;
}

async function refusal(asking: Promise<void>): Promise<TodoctlError | undefined> {
  return asking.then(() => undefined, (error: unknown) => error as TodoctlError);
}

describe.each([['prod', undefined], ['staging', undefined], ['full', everything], ['managed', everything], ['existing', everything]])('in %s', (environment, text) => {
  test('a deployer may deploy what is there, and roll it back', async () => {
    const wanted = await wantedIn(environment, text);
    const cluster = clusterOf(wanted, rolesOf(wanted, 'deployer'));
    expect((await refusal(refuseDeployWithoutRights(cluster, wanted)))?.details).toBeUndefined();
    expect((await refusal(refuseRollbackWithoutRights(cluster, async () => wanted)))?.details).toBeUndefined();
  });

  test.each(['viewer', 'tail', 'lag', 'plan'])('%s may not', async (who) => {
    const wanted = await wantedIn(environment, text);
    const error = await refusal(refuseDeployWithoutRights(clusterOf(wanted, rolesOf(wanted, who)), wanted));
    expect(error).toMatchObject({ code: 'TODOCTL_CLUSTER_FORBIDDEN', message: 'You may not do all that a deploy does in test' });
    expect(error?.next[0]).toContain(`todoctl render --env ${environment} --only access`);
  });
});

test('where Argo CD deploys, the role has no right to the lock: nobody else is to deploy there', async () => {
  const wanted = await wantedIn('full', byArgoCD);
  const error = await refusal(refuseDeployWithoutRights(clusterOf(wanted, rolesOf(wanted, 'deployer')), wanted));
  expect(error?.details).toEqual(['in kube-system: create leases.coordination.k8s.io', 'in kube-system: get, patch, delete leases.coordination.k8s.io (todoctl-todo-full)']);
  expect(error).toMatchObject({ why: expect.stringContaining('Argo CD deploys full') as string, next: [expect.stringContaining('Argo CD') as string, expect.stringContaining('administrator') as string] });
});

test('of the deployer’s rights each kind that a deploy changes is asked for: without it, that is named', async () => {
  const wanted = await wantedIn('prod');
  const roles = rolesOf(wanted, 'deployer');
  for (const resource of ['deployments', 'kafkatopics', 'kafkausers', 'components', 'leases', 'secrets', 'deployments/scale', 'pods/portforward', 'networkpolicies', 'roles', 'clusterroles']) {
    const without = roles.map((role) => ({ ...role, rules: (role['rules'] as { resources: string[] }[]).map((rule) => ({ ...rule, resources: rule.resources.filter((one) => one !== resource) })) }));
    const error = await refusal(refuseDeployWithoutRights(clusterOf(wanted, without), wanted));
    expect(error?.details.join('\n'), resource).toContain(resource.split('/')[0]);
  }
});

test('where a chart or a namespace is still to come, an administrator must do it: that is said before all else', async () => {
  const wanted = await wantedIn('prod');
  const error = await refusal(refuseDeployWithoutRights(clusterOf(wanted, rolesOf(wanted, 'deployer'), ['monitoring']), wanted));
  expect(error?.message).toBe('This deploy into test takes an administrator (cluster-admin)');
  expect(error?.details.slice(0, 2)).toEqual(['not installed yet: kube-prometheus-stack', 'not there yet, and you may not make it: namespace monitoring']);
  expect(error?.next[0]).toContain('todoctl deploy --env prod once');
});

test('a Secret among those of others that is still to be made is an administrator’s', async () => {
  const wanted = await wantedIn('prod');
  const error = await refusal(refuseDeployWithoutRights(clusterOf(wanted, rolesOf(wanted, 'deployer'), ['monitoring/secrets/grafana-admin']), wanted));
  expect(error).toMatchObject({ message: 'This deploy into test takes an administrator (cluster-admin)', details: ['in monitoring: create secrets (grafana-admin)'] });
});

test('an administrator is asked nothing more, and nothing is rendered for a rollback of his', async () => {
  const all: KubernetesObject = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'cluster-admin' }, rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] };
  const wanted = await wantedIn('prod');
  const cluster = clusterOf(wanted, [all], ['todo']);
  await refuseDeployWithoutRights(cluster, wanted);
  await refuseRollbackWithoutRights(cluster, () => Promise.reject(new Error('was rendered')));
  await refuseTeardownWithoutRights(cluster, { environment: 'prod' });
});

test('a teardown is an administrator’s: who does not see all would call gone what is there', async () => {
  const wanted = await wantedIn('prod');
  const error = await refusal(refuseTeardownWithoutRights(clusterOf(wanted, rolesOf(wanted, 'deployer')), { environment: 'prod' }));
  expect(error).toMatchObject({ code: 'TODOCTL_CLUSTER_FORBIDDEN', next: ['Have an administrator (cluster-admin) run todoctl teardown --env prod.'] });
  expect(error?.details.join('\n')).toContain('delete namespaces');
});
