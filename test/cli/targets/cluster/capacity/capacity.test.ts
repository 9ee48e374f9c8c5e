import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { TodoctlError } from '../../../../../cli/errors/todoctl-error.ts';
import type { KubernetesObject } from '../../../../../cli/kubernetes/object.ts';
import { connectionsOf } from '../../../../../cli/targets/cluster/capacity/capacity.ts';
import { type LiveNode, type Nodes, nodesOf } from '../../../../../cli/targets/cluster/capacity/nodes.ts';
import { footprintsOf } from '../../../../../cli/targets/cluster/capacity/pods.ts';
import { amount, weigh } from '../../../../../cli/targets/cluster/capacity/room.ts';
import type { Footprint } from '../../../../../cli/systems/system.ts';

const object = (text: string): KubernetesObject => parse(text) as KubernetesObject;
const deployment = (more: string, pod = ''): KubernetesObject => object(`
apiVersion: apps/v1
kind: Deployment
metadata: { name: api, namespace: todo }
spec:
  ${more}
  template:
    ${pod}
    spec:
      containers: [{ name: app, resources: { requests: { cpu: 100m, memory: 128Mi } } }]`);
const scaler = (kind: string, spec: string): KubernetesObject => object(`{ apiVersion: x/v1, kind: ${kind}, metadata: { name: s, namespace: todo }, spec: ${spec} }`);
const thrown = (work: () => unknown): TodoctlError => {
  try {
    work();
  } catch (error) {
    return error as TodoctlError;
  }
  throw new Error('nothing was refused');
};

describe('what pods request', () => {
  test('of a Deployment', () => {
    expect(footprintsOf([deployment('replicas: 3')], [])).toEqual([{ name: 'api', replicas: 3, cpu: 100, memory: 128 }]);
  });

  test('with Dapr’s sidecar, where one will be injected', () => {
    const annotations = (enabled: string): string => `metadata: { annotations: { dapr.io/enabled: "${enabled}", dapr.io/sidecar-cpu-request: 50m, dapr.io/sidecar-memory-request: 64Mi } }`;
    expect(footprintsOf([deployment('replicas: 1', annotations('true'))], [])).toMatchObject([{ cpu: 150, memory: 192 }]);
    expect(footprintsOf([deployment('replicas: 1', annotations('false'))], [])).toMatchObject([{ cpu: 100, memory: 128 }]);
  });

  test.each([
    ['an HPA', scaler('HorizontalPodAutoscaler', '{ scaleTargetRef: { kind: Deployment, name: api }, minReplicas: 2, maxReplicas: 9 }'), { replicas: 2, most: 9 }],
    ['KEDA', scaler('ScaledObject', '{ scaleTargetRef: { name: api }, minReplicaCount: 1, maxReplicaCount: 6 }'), { replicas: 1, most: 6 }],
    ['KEDA with its defaults', scaler('ScaledObject', '{ scaleTargetRef: { name: api } }'), { replicas: 0, most: 100 }],
    ['an HPA of another', scaler('HorizontalPodAutoscaler', '{ scaleTargetRef: { kind: Deployment, name: other }, minReplicas: 2, maxReplicas: 9 }'), { replicas: 1 }],
  ])('scaled by %s', (_, by, expected) => {
    expect(footprintsOf([deployment('replicas:'), by], [])).toEqual([expect.objectContaining(expected)]);
  });

  test.each([
    ['a limit where there is no request', '[{ name: a, resources: { limits: { cpu: 1, memory: 1Gi } } }]', '[]', { cpu: 1000, memory: 1024 }],
    ['nothing where nothing is said', '[{ name: a }]', '[]', { cpu: 0, memory: 0 }],
    ['the largest of what goes before', '[{ name: a, resources: { requests: { cpu: 100m } } }]', '[{ name: i, resources: { requests: { cpu: 300m } } }]', { cpu: 300 }],
    ['a sidecar that stays, with the others', '[{ name: a, resources: { requests: { cpu: 100m } } }]', '[{ name: i, restartPolicy: Always, resources: { requests: { cpu: 300m } } }]', { cpu: 400 }],
  ])('%s', (_, containers, initContainers, expected) => {
    const stateful = object(`{ apiVersion: apps/v1, kind: StatefulSet, metadata: { name: x }, spec: { replicas: 1, template: { spec: { containers: ${containers}, initContainers: ${initContainers} } } } }`);
    expect(footprintsOf([stateful], [])).toMatchObject([expected]);
  });

  test('volumes of a StatefulSet, in whole GiB; the pod of a CronJob; nothing of what runs nothing', () => {
    const stateful = object('{ apiVersion: apps/v1, kind: StatefulSet, metadata: { name: db }, spec: { replicas: 2, template: { spec: { containers: [] } }, volumeClaimTemplates: [{ spec: { resources: { requests: { storage: 1500Mi } } } }] } }');
    const cron = object('{ apiVersion: batch/v1, kind: CronJob, metadata: { name: dump }, spec: { jobTemplate: { spec: { template: { spec: { containers: [{ name: a, resources: { requests: { cpu: 50m } } }] } } } } } }');
    const other = object('{ apiVersion: example.com/v1, kind: Thing, metadata: { name: x }, spec: { template: { spec: { containers: [{ resources: { requests: { cpu: 9 } } }] } } } }');
    expect(footprintsOf([stateful, cron, other], [])).toEqual([{ name: 'db', replicas: 2, cpu: 0, memory: 0, volumes: [2] }, { name: 'dump', replicas: 1, cpu: 50, memory: 0 }]);
  });

  test('of charts and operators, as the systems say', () => {
    const pod = (name: string): Footprint => ({ name, replicas: 1, cpu: 1, memory: 1 });
    const chart = { release: 'r', namespace: 'n', chart: 'c', version: '1', values: { template: 't', view: {} }, provides: [], pods: [pod('operator')] };
    expect(footprintsOf([], [{ id: 'kafka', charts: [chart], pods: [pod('broker')] }, { id: 'none' }]).map(({ name }) => name)).toEqual(['operator', 'broker']);
  });
});

describe('the nodes', () => {
  const node = (cpu: string, memory: string, more: Partial<LiveNode> = {}): LiveNode => ({ metadata: { labels: { 'node.kubernetes.io/instance-type': 's-2vcpu-4gb' } }, status: { allocatable: { cpu, memory } }, ...more });
  const environment = (nodes: object | undefined, provider = 'digitalocean') => ({ provider, nodes }) as Parameters<typeof nodesOf>[0];

  test('that are asked for, by the table of sizes', () => {
    expect(nodesOf(environment({ size: 's-2vcpu-4gb', count: 2, min: 1, max: 3 }), undefined)).toMatchObject({ size: 's-2vcpu-4gb', cpu: 1900, memory: 2560, volumes: 7, least: 1, count: 2, most: 3, asOf: '2026-11-20' });
  });

  test('that are there, by what they say; the least of those that take pods', () => {
    const live = [node('1900m', '3000Mi'), node('1800m', '3100Mi'), node('100m', '1Mi', { spec: { unschedulable: true } })];
    expect(nodesOf(environment({ size: 's-2vcpu-4gb', count: 2, max: 5 }), live)).toMatchObject({ cpu: 1800, memory: 3000, least: 3, count: 3, most: 5, source: 'the nodes of the cluster' });
    expect(nodesOf(environment(undefined, 'existing'), live)).toMatchObject({ cpu: 1800, count: 3, most: 3 });
  });

  test('of another size than those that are there, by the table', () => {
    expect(nodesOf(environment({ size: 's-4vcpu-8gb', count: 2 }), [node('1900m', '3000Mi')])).toMatchObject({ size: 's-4vcpu-8gb', cpu: 3900 });
  });

  test.each([['a size that nobody knows', environment({ size: 's-99', count: 2 })], ['another provider', environment({ size: 's-2vcpu-4gb', count: 2 }, 'azure')], ['none asked for', environment(undefined, 'existing')]])('%s', (_, which) => {
    expect(nodesOf(which, undefined)).toBeUndefined();
    expect(nodesOf(which, [])).toBeUndefined();
  });
});

describe('room', () => {
  const nodes = (least: number, count: number, most: number): Nodes => ({ size: 's', cpu: 1000, memory: 1000, volumes: 2, least, count, most, source: 'a table', asOf: '2026-01-01' });
  const pods = (replicas: number, more: Partial<Footprint> = {}): Footprint => ({ name: 'a', replicas, cpu: 100, memory: 100, ...more });

  test.each<[string, Footprint[], Nodes, { least: number; most: number }]>([
    ['by CPU', [pods(15, { memory: 1 })], nodes(1, 2, 2), { least: 2, most: 2 }],
    ['by memory', [pods(15, { cpu: 1 })], nodes(1, 2, 2), { least: 2, most: 2 }],
    ['by volumes', [pods(3, { cpu: 1, memory: 1, volumes: [1, 1] })], nodes(1, 3, 3), { least: 3, most: 3 }],
    ['to the last bit', [pods(20)], nodes(2, 2, 2), { least: 2, most: 2 }],
    ['at the most replicas', [pods(5, { most: 15 })], nodes(1, 2, 2), { least: 1, most: 2 }],
    ['most below replicas counts as replicas', [pods(15, { most: 1 })], nodes(1, 2, 2), { least: 2, most: 2 }],
  ])('%s', (_, footprints, on, needed) => {
    const room = weigh(footprints, on);
    expect([room.nodes?.needed, room.warnings]).toEqual([needed, []]);
  });

  test('the sums', () => {
    expect(weigh([pods(2, { most: 4, volumes: [10] }), pods(1, { cpu: 50 })], nodes(1, 2, 2))).toMatchObject({
      least: { pods: 3, cpu: 250, memory: 300, volumes: 2 },
      most: { pods: 5, cpu: 450, memory: 500, volumes: 4 },
    });
  });

  test('more than there is now and not more than autoscaling gives is a warning', () => {
    expect(weigh([pods(15)], nodes(1, 1, 3)).warnings).toEqual(['15 pods need 2 nodes; there are 1, and up to 3 by autoscaling.']);
  });

  test('so is more than ever, with every service at its most', () => {
    expect(weigh([pods(5, { most: 50 })], nodes(1, 1, 3)).warnings).toEqual(['With every service at its most replicas, 50 pods need 5 nodes; there are 3 at most. Some pods would wait.']);
  });

  test('more than there will ever be is refused, with the sum', () => {
    const error = thrown(() => weigh([pods(31)], nodes(1, 2, 3)));
    expect(error).toMatchObject({ code: 'TODOCTL_CAPACITY_NODES', exit: 3, message: '31 pods need 4 nodes; there are 3 at most' });
    expect(error.details).toEqual(['requested: 3.1 CPU and 3 GiB, 0 volumes', 'one s: 1 CPU and 1 GiB, 2 volumes (a table, as of 2026-01-01)']);
  });

  test.each([['CPU', { cpu: 1001 }], ['memory', { memory: 1001 }], ['volumes', { volumes: [1, 1, 1] }]])('a pod that no node has %s for is refused, whatever the number of nodes', (_, more) => {
    expect(thrown(() => weigh([pods(1, { name: 'huge', ...more })], nodes(1, 9, 9)))).toMatchObject({ code: 'TODOCTL_CAPACITY_NODES', message: 'No node has room for huge' });
  });

  test('of nodes that nobody knows is not known, and that is said', () => {
    expect(weigh([pods(1)], undefined)).toMatchObject({ least: { pods: 1 }, warnings: [expect.stringContaining('not known')] });
  });

  test('amounts', () => {
    expect(amount({ cpu: 1900, memory: 2560 })).toBe('1.9 CPU and 2.5 GiB');
  });
});

describe('connections of the database', () => {
  const used = [{ what: 'api: 4 × a pool of 10', connections: 40 }, { what: 'api: 4 × 4 for its outbox', connections: 16 }];

  test('within the limit, up to the last', () => {
    expect(connectionsOf({ limit: 56, used })).toEqual({ limit: 56, used: 56 });
  });

  test('over it: refused, with the sum and its parts', () => {
    expect(thrown(() => connectionsOf({ limit: 55, used }))).toMatchObject({
      code: 'TODOCTL_CAPACITY_CONNECTIONS', exit: 3, message: 'The pods would open 56 connections, and the database gives 55', details: ['api: 4 × a pool of 10 = 40', 'api: 4 × 4 for its outbox = 16'],
    });
  });

  test('of a pooler with which sidecars that start at once would wait for each other: refused', () => {
    const shared = [{ what: 'a pooler of 20 for all services', connections: 20 }];
    expect(connectionsOf({ limit: 97, used: shared, pooler: { size: 20, least: 20 } })).toEqual({ limit: 97, used: 20 });
    expect(thrown(() => connectionsOf({ used: shared, pooler: { size: 20, least: 21 } }))).toMatchObject({
      code: 'TODOCTL_CAPACITY_CONNECTIONS', message: 'Sidecars with a state store that start at once need 21 connections of the pooler, and it has 20', next: [expect.stringContaining('postgres.pooled')],
    });
  });

  test('of a database whose limit nobody knows, and of none', () => {
    expect(connectionsOf({ used })).toEqual({ used: 56 });
    expect(connectionsOf({ limit: 1, used: [] })).toBeUndefined();
  });
});

test('whatever pods there are: nodes needed are enough for the sum, and one less would not be; more pods never need fewer', () => {
  const footprint = fc.record({ name: fc.constant('x'), replicas: fc.integer({ min: 0, max: 9 }), cpu: fc.integer({ min: 0, max: 900 }), memory: fc.integer({ min: 0, max: 900 }), volumes: fc.array(fc.constant(1), { maxLength: 2 }) });
  const nodes: Nodes = { cpu: 1000, memory: 1000, volumes: 2, least: 1, count: 1, most: 1000, source: 'a table' };
  const neededBy = (pods: readonly Footprint[]): number => weigh(pods, nodes).nodes?.needed.least ?? 0;
  fc.assert(
    fc.property(fc.array(footprint), footprint, (pods, more) => {
      const needed = neededBy(pods);
      const sum = (of: (pod: Footprint) => number): number => pods.reduce((total, pod) => total + pod.replicas * of(pod), 0);
      const fits = (count: number): boolean => sum(({ cpu }) => cpu) <= count * nodes.cpu && sum(({ memory }) => memory) <= count * nodes.memory && sum(({ volumes = [] }) => volumes.length) <= count * nodes.volumes;
      expect([fits(needed), needed > 0 && fits(needed - 1)]).toEqual([true, false]);
      expect(neededBy([...pods, more])).toBeGreaterThanOrEqual(needed);
    }),
  );
});
