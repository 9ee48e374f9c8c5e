// Lists against an API server over HTTPS: pages, lists that break off, kinds that may not be listed, and what is never taken for ours.
import { describe, expect, test } from 'vitest';
import type { Platform } from '../../../../../cli/definition/platform.ts';
import type { KubernetesObject } from '../../../../../cli/kubernetes/object.ts';
import { listOurs } from '../../../../../cli/targets/cluster/compare/list.ts';
import { refusal } from '../../../../support/definition.ts';
import { type Cluster, cut, identities, json, KINDS, object, OURS, refused, resource, scriptedCluster } from '../../../operations/plan/scripted-cluster.ts';

const platform = { name: 'todo', environment: { name: 'prod' } } as Platform;
const maps = (count: number): KubernetesObject[] => Array.from({ length: count }, (_, index) => object('ConfigMap', `map-${index}`));
const wanted = (...objects: KubernetesObject[]) => objects.map((one) => ({ head: one, object: one, body: JSON.stringify(one), system: 'kafka', manager: 'todoctl' as const }));
const listed = (cluster: Cluster, rendered: KubernetesObject[] = []) => listOurs(cluster.client(), cluster.resources, platform, wanted(...rendered));
const lists = ({ asked }: Cluster, plural: string): (string | null)[] => asked.filter(({ path }) => path.endsWith(`/${plural}`)).map(({ query }) => query.get('continue'));

describe('pages', () => {
  test('of 500 are read to the last', async () => {
    const cluster = await scriptedCluster(maps(1200));
    const { objects } = await listed(cluster);
    expect(identities(objects)).toEqual(identities(maps(1200)));
    expect(lists(cluster, 'configmaps')).toEqual([null, '500', '1000']);
  });

  test.each([0, 1, 500])('%i objects are one page', async (count) => {
    const cluster = await scriptedCluster(maps(count));
    expect((await listed(cluster)).objects).toHaveLength(count);
    expect(lists(cluster, 'configmaps')).toEqual([null]);
  });

  test('that have become too old (410) are given up for the whole list, and nothing comes twice', async () => {
    const cluster = await scriptedCluster(maps(1200), ({ query }, response) => (query.get('continue') === '500' ? refused(response, 410, 'The provided continue parameter is too old') : false));
    const { objects } = await listed(cluster);
    expect(identities(objects)).toEqual(identities(maps(1200)));
    expect(cluster.asked.filter(({ path }) => path.endsWith('/configmaps')).map(({ query }) => query.get('limit'))).toEqual(['500', '500', null]);
  });

  test('a server that always says 410 is an error, not a circle', async () => {
    const cluster = await scriptedCluster([], ({ path }, response) => (path.endsWith('/configmaps') ? refused(response, 410, 'Expired') : false));
    expect(await refusal(listed(cluster, maps(1)))).toMatchObject({ code: 'TODOCTL_CLUSTER_UNREACHABLE', details: ['ConfigMap cannot be listed: 410, Expired'] });
  });

  test('a second page that may not be read is a list that may not be read', async () => {
    const cluster = await scriptedCluster(maps(600), ({ path, query }, response) => (path === '/api/v1/configmaps' && query.has('continue') ? refused(response, 403, 'forbidden') : false));
    // It is asked again, for the namespace alone.
    expect((await listed(cluster)).objects).toHaveLength(600);
    expect(cluster.asked.filter(({ path }) => path === '/api/v1/namespaces/todo/configmaps')).toHaveLength(2);
  });

  test('a second page that breaks off is an error where the kind is rendered: half a list would hide what would go', async () => {
    const cluster = await scriptedCluster(maps(600), ({ query }, response) => query.has('continue') && cut(response));
    expect(await refusal(listed(cluster, maps(1)))).toMatchObject({ code: 'TODOCTL_CLUSTER_UNREACHABLE', exit: 3 });
  });
});

describe('who may not list a whole cluster', () => {
  const inNamespaces = (...allowed: string[]) => scriptedCluster([object('ConfigMap', 'a'), object('ConfigMap', 'b', {}, OURS, 'kafka'), object('ConfigMap', 'c', {}, OURS, 'elsewhere')], ({ path }, response) => {
    if (!path.endsWith('s') || allowed.some((namespace) => path.startsWith(`/api/v1/namespaces/${namespace}/`))) return false;
    return refused(response, 403, 'forbidden');
  }, [resource('v1', 'ConfigMap')]);

  test('is asked for each namespace of the environment, and for no other', async () => {
    const cluster = await inNamespaces('todo', 'kafka');
    const result = await listed(cluster, [object('ConfigMap', 'b', {}, OURS, 'kafka')]);
    expect([identities(result.objects), result.hidden]).toEqual([['/ConfigMap kafka/b', '/ConfigMap todo/a'], []]);
    expect(cluster.asked.map(({ path }) => path)).toEqual(['/api/v1/configmaps', '/api/v1/namespaces/todo/configmaps', '/api/v1/namespaces/kafka/configmaps']);
  });

  test('one namespace of two is something; none is a kind that is hidden', async () => {
    const [one, none] = [await inNamespaces('kafka'), await inNamespaces()];
    const rendered = [object('ConfigMap', 'b', {}, OURS, 'kafka')];
    expect(await listed(one, rendered)).toMatchObject({ hidden: [], objects: [{ metadata: { name: 'b' } }] });
    expect(await listed(none, rendered)).toMatchObject({ hidden: ['ConfigMap'], objects: [], failed: [] });
  });

  test('a kind without a namespace is asked for once', async () => {
    const cluster = await scriptedCluster([], (_, response) => refused(response, 403, 'forbidden'), [resource('v1', 'Namespace', { namespaced: false })]);
    expect((await listed(cluster)).hidden).toEqual(['Namespace']);
    expect(cluster.asked).toHaveLength(1);
  });
});

describe('kinds', () => {
  const asked = async (resources: Parameters<typeof scriptedCluster>[2], rendered: KubernetesObject[] = []): Promise<string[]> => {
    const cluster = await scriptedCluster([], undefined, resources);
    await listed(cluster, rendered);
    return cluster.asked.map(({ path }) => path).sort();
  };

  test('that discovery lists twice are listed once', async () => {
    expect(await asked([resource('v1', 'ConfigMap'), resource('v1', 'ConfigMap'), resource('v1', 'ConfigMap', { plural: 'others' })])).toEqual(['/api/v1/configmaps']);
  });

  test('in two versions are listed in the one that is rendered, else in the one that the cluster prefers', async () => {
    const scalers = [resource('autoscaling/v2', 'Scaler'), resource('autoscaling/v1', 'Scaler')];
    expect(await asked(scalers)).toEqual(['/apis/autoscaling/v2/scalers']);
    expect(await asked(scalers, [{ apiVersion: 'autoscaling/v1', kind: 'Scaler', metadata: { name: 'x' } }])).toEqual(['/apis/autoscaling/v1/scalers']);
  });

  test('of one name in two groups are two kinds', async () => {
    expect(await asked([resource('a.io/v1', 'Thing'), resource('b.io/v1', 'Thing')])).toEqual(['/apis/a.io/v1/things', '/apis/b.io/v1/things']);
  });

  test('that nobody makes, or that controllers make, are left alone', async () => {
    const read = { verbs: ['get', 'list'] };
    expect(await asked([resource('metrics.k8s.io/v1', 'PodMetrics', read), resource('v1', 'Pod'), resource('v1', 'Secret'), resource('v1', 'Review', { verbs: ['create'] }), resource('v1', 'Event')])).toEqual([]);
  });

  test('by which a cluster is set up are listed only where they are rendered: no environment has any', async () => {
    const [storage, ingress] = [resource('storage.k8s.io/v1', 'StorageClass', { plural: 'storageclasses' }), resource('networking.k8s.io/v1', 'Ingress', { plural: 'ingresses' })];
    expect(await asked([storage, ingress, resource('apiextensions.k8s.io/v1', 'CustomResourceDefinition'), resource('networking.k8s.io/v1', 'IPAddress')])).toEqual(['/apis/networking.k8s.io/v1/ingresses']);
    expect(await asked([storage], [{ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'x' } }])).toEqual(['/apis/storage.k8s.io/v1/storageclasses']);
  });

  test('that may only be read are listed where they are rendered', async () => {
    expect(await asked([resource('v1', 'ConfigMap', { verbs: ['get', 'list'] })], [object('ConfigMap', 'x')])).toEqual(['/api/v1/configmaps']);
  });

  test.each([404, 405])('that cannot be listed (%i) have nothing of ours', async (status) => {
    const cluster = await scriptedCluster([], (_, response) => refused(response, status, 'no'), [resource('v1', 'ConfigMap')]);
    expect(await listed(cluster, maps(1))).toMatchObject({ objects: [], hidden: [], failed: [] });
  });

  test('whose server is down are told where nothing renders them, and an error where something does', async () => {
    const cluster = await scriptedCluster([object('ConfigMap', 'a')], ({ path }, response) => (path.startsWith('/apis/') ? refused(response, 500, 'error trying to reach service') : false));
    expect(await listed(cluster, [object('ConfigMap', 'a')])).toMatchObject({ failed: ['Deployment', 'KafkaTopic'], hidden: [], objects: [{ metadata: { name: 'a' } }] });
    expect(await refusal(listed(cluster, [object('KafkaTopic', 'x')]))).toMatchObject({ code: 'TODOCTL_CLUSTER_UNREACHABLE', exit: 3, details: ['KafkaTopic cannot be listed: 500, error trying to reach service'] });
  });
});

describe('what is ours', () => {
  const FOREIGN: [string, KubernetesObject][] = [
    ['without labels', object('ConfigMap', 'x', {}, {})],
    ['of another environment', object('ConfigMap', 'x', {}, { ...OURS, 'todoctl.io/environment': 'staging' })],
    ['of another platform', object('ConfigMap', 'x', {}, { ...OURS, 'todoctl.io/platform': 'shop' })],
    ['of an environment whose name begins alike', object('ConfigMap', 'x', {}, { ...OURS, 'todoctl.io/environment': 'prod-2' })],
    ['with our platform alone', object('ConfigMap', 'x', {}, { 'todoctl.io/platform': 'todo' })],
  ];

  test.each(FOREIGN)('not an object %s', async (_, foreign) => {
    expect((await listed(await scriptedCluster([foreign]))).objects).toEqual([]);
  });

  test.each(FOREIGN)('nor an object %s where a server does not heed the selector', async (_, foreign) => {
    const cluster = await scriptedCluster([], (__, response) => json(response, 200, { items: [foreign, object('ConfigMap', 'ours')] }), [resource('v1', 'ConfigMap')]);
    expect(identities((await listed(cluster)).objects)).toEqual(['/ConfigMap todo/ours']);
  });

  test('is what it is called in a list, whatever its items say', async () => {
    const cluster = await scriptedCluster([object('Deployment', 'api'), object('KafkaTopic', 't')]);
    expect(identities((await listed(cluster)).objects)).toEqual(['apps/Deployment todo/api', 'kafka.strimzi.io/KafkaTopic todo/t']);
  });

  test('may be pruned unless a controller made it or it holds what no render knows', async () => {
    const result = await listed(await scriptedCluster());
    const owned = object('ConfigMap', 'x');
    owned.metadata.ownerReferences = [{ kind: 'Deployment' }];
    const kinds = [object('ConfigMap', 'x'), owned, ...['Secret', 'PersistentVolumeClaim', 'Pod', 'Node'].map((kind) => object(kind, 'x'))];
    expect(kinds.map((one) => result.prunable(one))).toEqual([true, false, false, false, false, false]);
  });
});

test('no more than 8 requests are under way at once, however many kinds there are', async () => {
  const many = Array.from({ length: 60 }, (_, index) => resource('example.com/v1', `Kind${index}`));
  const cluster = await scriptedCluster([], undefined, [...KINDS, ...many]);
  await listed(cluster);
  expect(cluster.asked.length).toBeGreaterThan(60);
  expect(cluster.busiest).toBeLessThanOrEqual(8);
  expect(cluster.open.size).toBeLessThanOrEqual(8);
});
