// What somebody may not do: asked of the API server in few questions, and told in few lines.
import { expect, test } from 'vitest';
import type { Kubernetes } from '../../../../cli/kubernetes/client.ts';
import type { Resource } from '../../../../cli/kubernetes/discovery.ts';
import { applyingDeeds, type Deed, lackingRights, mayDoAll, rightsText } from '../../../../cli/targets/cluster/rights.ts';
import { apiServerThat } from '../../kubernetes/forwarding-server.ts';

interface Asked {
  verb: string;
  group: string;
  resource: string;
  subresource?: string;
  namespace?: string;
  name?: string;
}

/** An API server that allows what `may` says, and has the objects at these paths. */
async function server(may: (asked: Asked) => boolean, there: readonly string[] = []): Promise<{ kubernetes: Kubernetes; asked: Asked[] }> {
  const asked: Asked[] = [];
  const kubernetes = await apiServerThat({
    request: (request, response) => {
      if (request.method === 'GET') return void response.writeHead(there.includes(request.url ?? '') ? 200 : 404).end('{}');
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString())).on('end', () => {
        const { resourceAttributes } = (JSON.parse(body) as { spec: { resourceAttributes: Asked } }).spec;
        asked.push(resourceAttributes);
        response.writeHead(201).end(JSON.stringify({ status: { allowed: may(resourceAttributes) } }));
      });
    },
  });
  return { kubernetes, asked };
}

const KINDS: Resource[] = [
  { group: 'apps', version: 'v1', kind: 'Deployment', plural: 'deployments', namespaced: true, verbs: [] },
  { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'Role', plural: 'roles', namespaced: true, verbs: [] },
  { group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false, verbs: [] },
];
const head = (apiVersion: string, kind: string, name: string, namespace?: string): { apiVersion: string; kind: string; metadata: { name: string; namespace?: string } } => ({ apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } });

test('who may do everything is asked one question', async () => {
  const { kubernetes, asked } = await server(() => true);
  expect(await mayDoAll(kubernetes)).toBe(true);
  expect(asked).toEqual([{ verb: '*', group: '*', resource: '*' }]);
});

test('a right to all of a kind is asked for once, however many objects there are', async () => {
  const { kubernetes, asked } = await server(() => true);
  const deeds = await applyingDeeds(kubernetes, [head('apps/v1', 'Deployment', 'web', 'todo'), head('apps/v1', 'Deployment', 'audit', 'todo')], KINDS);
  expect(await lackingRights(kubernetes, deeds)).toEqual([]);
  expect(asked.map(({ verb, resource, namespace, name }) => [verb, resource, namespace, name]).sort()).toEqual([
    ['create', 'deployments', 'todo', undefined], ['get', 'deployments', 'todo', undefined], ['patch', 'deployments', 'todo', undefined],
  ]);
});

test('a right to objects by their names is enough, and who lacks some of them is told which', async () => {
  const { kubernetes } = await server(({ name, verb }) => verb === 'get' || name === 'todo-tail', ['/apis/rbac.authorization.k8s.io/v1/namespaces/todo/roles/todo-tail', '/apis/rbac.authorization.k8s.io/v1/namespaces/todo/roles/todo-lag']);
  const lacking = await lackingRights(kubernetes, await applyingDeeds(kubernetes, ['todo-tail', 'todo-lag'].map((name) => head('rbac.authorization.k8s.io/v1', 'Role', name, 'todo')), KINDS));
  expect(rightsText(lacking)).toEqual(['in todo: patch roles.rbac.authorization.k8s.io (todo-lag)']);
});

test('a right to none of several objects is told as one to their kind', async () => {
  const { kubernetes } = await server(() => false);
  const heads = ['todo-tail', 'todo-lag'].map((name) => head('rbac.authorization.k8s.io/v1', 'Role', name, 'todo'));
  expect(rightsText(await lackingRights(kubernetes, await applyingDeeds(kubernetes, heads, KINDS)))).toEqual(['in todo: get, patch, create roles.rbac.authorization.k8s.io']);
  expect(rightsText(await lackingRights(kubernetes, await applyingDeeds(kubernetes, heads.slice(1), KINDS)))).toEqual(['in todo: get, patch, create roles.rbac.authorization.k8s.io (todo-lag)']);
});

test('who may not make a kind may still change what is there; what is not there he lacks', async () => {
  const { kubernetes } = await server(({ verb }) => verb !== 'create', ['/api/v1/namespaces/todo']);
  const lacking = await lackingRights(kubernetes, await applyingDeeds(kubernetes, [head('v1', 'Namespace', 'todo'), head('v1', 'Namespace', 'monitoring')], KINDS));
  expect(rightsText(lacking)).toEqual(['in the whole cluster: create namespaces (monitoring)']);
});

test('a kind that the cluster does not have is not asked about: it comes with a chart', async () => {
  const { kubernetes } = await server(() => false);
  expect(await applyingDeeds(kubernetes, [head('dapr.io/v1alpha1', 'Component', 'pubsub', 'todo')], KINDS)).toEqual([]);
});

test('a subresource is asked for as one, and told with its group', async () => {
  const { kubernetes, asked } = await server(() => false);
  const deeds: Deed[] = [{ verb: 'get', group: '', resource: 'pods/portforward', namespace: 'todo' }, { verb: 'patch', group: 'apps', resource: 'deployments/scale', namespace: 'todo' }];
  expect(rightsText(await lackingRights(kubernetes, deeds))).toEqual(['in todo: get pods/portforward', 'in todo: patch deployments.apps/scale']);
  expect(asked).toContainEqual({ verb: 'get', group: '', resource: 'pods', subresource: 'portforward', namespace: 'todo' });
});

test('what is lacking in one place for several kinds is one line', () => {
  const deeds = ['get', 'patch'].flatMap((verb) => ['secrets', 'pods'].map((resource): Deed => ({ verb, group: '', resource, namespace: 'todo' })));
  expect(rightsText([...deeds, { verb: 'create', group: '', resource: 'secrets', namespace: 'other' }])).toEqual(['in todo: get, patch secrets, pods', 'in other: create secrets']);
});
