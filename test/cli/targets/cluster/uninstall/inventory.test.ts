import { describe, expect, test } from 'vitest';
import { AMONG, type Inventory, takeInventory, volumesOf } from '../../../../../cli/targets/cluster/uninstall/inventory.ts';
import { inhabited, type Stays, usedByOthers } from '../../../../../cli/targets/cluster/uninstall/shared.ts';
import { nameOf } from '../../../../../cli/targets/cluster/uninstall/removal.ts';
import { resourcesInside } from '../../../../../cli/targets/cluster/resources.ts';
import { marks, Objects, ours, thing } from './objects.ts';

const theirs = { namespace: 'theirs' };
const namespaces = [thing('Namespace', 'todo', ours), thing('Namespace', 'keda', ours), thing('Namespace', 'theirs')];
const record = (release: string, namespace: string, version: number, labels: object = marks.labels): ReturnType<typeof thing> =>
  thing('Secret', `sh.helm.release.v1.${release}.v${version}`, { namespace, labels: { owner: 'helm', name: release, version: String(version), status: 'deployed', ...labels } });
const kind = (plural: string, madeFor?: string): ReturnType<typeof thing> => thing('CustomResourceDefinition', plural, madeFor === undefined ? {} : { annotations: { 'todoctl.io/made-for': madeFor } });
const inventory = (objects: Objects, keep = { database: false }): Promise<Inventory> => takeInventory(objects.kubernetes, marks, keep);
const named = async (objects: Objects, keep?: { database: boolean }): Promise<Record<string, string[]>> => {
  const { releases, kinds: _, ...lists } = await inventory(objects, keep);
  return { ...Object.fromEntries(Object.entries(lists).filter(([, things]) => things.length > 0).map(([list, things]) => [list, things.map(nameOf)])), ...(releases.length > 0 ? { releases: releases.map(({ name, namespace }) => `${namespace}/${name}`) } : {}) };
};

test('each thing has its turn, and of others nothing has', async () => {
  const objects = new Objects(
    ...namespaces, thing('ConfigMap', 'settings', ours), thing('ConfigMap', 'settings', theirs), thing('Gateway', 'todo', ours), thing('KafkaTopic', 'orders', ours), thing('Kafka', 'todo', ours),
    thing('PersistentVolumeClaim', 'data', {}), thing('PersistentVolumeClaim', 'scheduler', { namespace: 'keda' }), thing('PersistentVolumeClaim', 'data', theirs), thing('Event', 'e', ours),
    record('todo', 'todo', 1), record('todo', 'todo', 2), record('dapr', 'theirs', 1, {}), kind('scaledobjects.keda.sh', 'todo/prod/keda'), kind('kafkatopics.kafka.strimzi.io'), kind('x.y', 'todo/staging/keda'),
  );
  expect(await named(objects)).toEqual({
    objects: ['ConfigMap todo/settings'], entrances: ['Gateway todo/todo'], topics: ['KafkaTopic todo/orders'], kafka: ['Kafka todo/todo'],
    claims: ['PersistentVolumeClaim todo/data', 'PersistentVolumeClaim keda/scheduler'], crds: ['CustomResourceDefinition scaledobjects.keda.sh'],
    namespaces: ['Namespace todo', 'Namespace keda'], releases: ['todo/todo'],
  });
});

test('topics that were added by hand are ours where the Kafka is, and nowhere else', async () => {
  const byHand = thing('KafkaTopic', 'by-hand', { labels: { 'strimzi.io/cluster': 'todo' } });
  const other = thing('KafkaTopic', 'by-hand', { namespace: 'theirs', labels: { 'strimzi.io/cluster': 'todo' } });
  expect(await named(new Objects(...namespaces, thing('Kafka', 'todo', ours), byHand, other))).toMatchObject({ topics: ['KafkaTopic todo/by-hand'] });
  expect(await named(new Objects(...namespaces, byHand))).not.toHaveProperty('topics');
});

test('a Service with a load balancer is an entrance, whoever labelled it; what belongs to another object goes with that', async () => {
  const balancer = { finalizers: ['service.kubernetes.io/load-balancer-cleanup'] };
  const owned = { ...balancer, ownerReferences: [{ kind: 'Gateway', name: 'todo' }] };
  expect(await named(new Objects(...namespaces, thing('Service', 'traefik', { ...balancer, namespace: 'keda' }), thing('Service', 'of-gateway', owned), thing('Service', 'theirs', { ...balancer, ...theirs })))).toMatchObject({ entrances: ['Service keda/traefik'] });
});

test('a kept database keeps its disk, its password, its policy and its namespace', async () => {
  const database = { labels: { ...marks.labels, 'todoctl.io/system': 'postgres' } };
  const objects = new Objects(...namespaces, thing('StatefulSet', 'postgres', database), thing('Secret', 'postgres', ours), thing('PersistentVolumeClaim', 'data-postgres-0', { labels: { 'app.kubernetes.io/name': 'postgres' } }), thing('PersistentVolumeClaim', 'data-kafka-0'), thing('Secret', 'app-token', ours));
  expect(await named(objects, { database: true })).toEqual({
    objects: ['Secret todo/app-token'], claims: ['PersistentVolumeClaim todo/data-kafka-0'], namespaces: ['Namespace keda'],
    kept: expect.arrayContaining(['StatefulSet todo/postgres', 'Secret todo/postgres', 'PersistentVolumeClaim todo/data-postgres-0', 'Namespace todo']) as string[],
  });
});

test('who waits for few kinds asks for no others, and finds namespaces, releases and kinds all the same', async () => {
  const objects = new Objects(...namespaces, thing('ConfigMap', 'settings', ours), thing('KafkaTopic', 'orders', ours), record('todo', 'todo', 1), kind('scaledobjects.keda.sh', 'todo/prod/keda'));
  const found = await takeInventory(objects.kubernetes, marks, { database: false }, AMONG.strimzi);
  expect([found.objects, found.topics.map(nameOf), found.namespaces.map(nameOf), found.releases.length, found.crds.length]).toEqual([[], ['KafkaTopic todo/orders'], ['Namespace todo', 'Namespace keda'], 1, 1]);
  expect(objects.asked.filter((asked) => /configmaps|deployments|gateways/.test(asked))).toEqual([]);
});

test('a kept database keeps its namespace for who asks for the database alone', async () => {
  const objects = new Objects(...namespaces, thing('PersistentVolumeClaim', 'data-postgres-0', { labels: { 'app.kubernetes.io/name': 'postgres' } }));
  expect((await takeInventory(objects.kubernetes, marks, { database: true }, AMONG.database)).namespaces.map(nameOf)).toEqual(['Namespace keda']);
});

test('disks are those that were made for the claims', async () => {
  const claim = thing('PersistentVolumeClaim', 'data');
  const volume = (name: string, claimed: string, annotations?: Record<string, string>): ReturnType<typeof thing> => thing('PersistentVolume', name, annotations ? { annotations } : {}, { spec: { claimRef: { namespace: 'todo', name: claimed } } });
  const provisioned = { 'pv.kubernetes.io/provisioned-by': 'disks.example.com' };
  const found = await volumesOf(new Objects(volume('made', 'data', provisioned), volume('by-hand', 'data'), volume('other', 'other', provisioned)).kubernetes, [claim]);
  expect(found.map(({ metadata }) => metadata.name)).toEqual(['made']);
});

describe('what others use', () => {
  const stays = async (objects: Objects): Promise<Stays> => usedByOthers(objects.kubernetes, await inventory(objects), marks);
  const keda = [...namespaces, record('keda', 'keda', 1), record('todo', 'todo', 1), kind('scaledobjects.keda.sh', 'todo/prod/keda')];

  test('keeps its kind, the release that serves that, and the namespace of it', async () => {
    const { crds, releases, namespaces: kept } = await stays(new Objects(...keda, thing('ScaledObject', 'mine', theirs)));
    const why = 'others have a ScaledObject: theirs/mine';
    expect([crds.map((one) => one.why), [...releases], [...kept]]).toEqual([[why], [['keda/keda', why]], [['keda', why]]]);
  });

  test('is not what bears the marks or lies in a namespace of ours', async () => {
    const { crds, releases } = await stays(new Objects(...keda, thing('ScaledObject', 'a'), thing('ScaledObject', 'b', { namespace: 'keda' }), thing('ScaledObject', 'c', { ...theirs, ...ours })));
    expect([crds, releases.size]).toEqual([[], 0]);
  });

  test('may be what cannot be seen', async () => {
    const objects = new Objects(...keda);
    objects.forbidden.add('/apis/keda.sh/v1alpha1/scaledobjects');
    expect((await stays(objects)).crds.map((one) => one.why)).toEqual(['whether others have a ScaledObject may not be seen']);
  });

  test('is told as theirs, with the reason, and its disks with it', async () => {
    const objects = new Objects(...keda, thing('ScaledObject', 'mine', theirs), thing('PersistentVolumeClaim', 'scheduler', { namespace: 'keda' }), thing('ConfigMap', 'x', ours));
    const found = await resourcesInside(objects.kubernetes, marks, [{ name: 'dapr', namespace: 'theirs' }]);
    expect(found.map(({ kind: what, name, owner }) => `${what} ${name} ${owner}`)).toEqual([
      'namespace todo environment', 'namespace keda other', 'release keda other', 'release todo environment', 'volume scheduler other', 'object CustomResourceDefinition scaledobjects.keda.sh other',
    ]);
  });

  test('in a namespace of ours: what runs there and is not ours', async () => {
    const objects = new Objects(...namespaces, thing('Deployment', 'theirs'), thing('Deployment', 'ours', { ...ours, namespace: 'keda' }), thing('Deployment', 'going', { namespace: 'keda', deletionTimestamp: 'now' }));
    expect((await inhabited(objects.kubernetes, namespaces.slice(0, 2), marks)).map(({ why }) => why)).toEqual(['others run Deployment theirs in it']);
  });
});

test('a namespace that does not end says why', async () => {
  const condition = { type: 'NamespaceContentRemaining', status: 'True', message: 'Some resources are remaining: configmaps. has 1 resource instances' };
  const objects = new Objects(thing('Namespace', 'todo', { ...ours, deletionTimestamp: 'now' }, { status: { conditions: [condition, { ...condition, status: 'False', message: 'no' }] } }));
  expect(await resourcesInside(objects.kubernetes, marks, [])).toEqual([{ kind: 'namespace', name: 'todo', id: 'Namespace todo', owner: 'environment', heldBy: condition.message }]);
});
