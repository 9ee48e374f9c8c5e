import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Change } from '../../../cli/targets/cluster/compare/change.ts';
import type { PlanResult } from '../../../cli/operations/plan/plan.ts';
import { planText } from '../../../cli/views/plan.ts';

const change = (more: Partial<Change>): Change => ({ action: 'create', kind: 'KafkaTopic', namespace: 'todo', name: 'task-events', system: 'kafka', reason: 'it is not there', fields: [], ...more });
const asked = { pods: 52, cpu: 4400, memory: 17_100, volumes: 11 };
const result = (more: Partial<PlanResult> = {}): PlanResult => ({
  environment: 'prod',
  against: { kind: 'cluster', where: 'do-nyc3 (https://10.0.0.1)' },
  size: 154,
  changes: [],
  approximate: false,
  unseen: [],
  warnings: [],
  capacity: {
    least: asked,
    most: { ...asked, pods: 81, cpu: 8400, memory: 24_800 },
    nodes: { size: 's-4vcpu-8gb', cpu: 3900, memory: 6144, volumes: 7, least: 2, count: 3, most: 5, source: 'the nodes of the cluster', needed: { least: 3, most: 5 } },
    connections: { limit: 97, used: 80 },
    warnings: [],
  },
  price: { currency: 'USD', asOf: '2026-11-20', items: [{ what: 'node s-4vcpu-8gb', count: 3, monthly: 144 }, { what: 'PostgreSQL db-x', count: 1 }], monthly: 144, hourly: 0.21, least: 96, most: 240, difference: -48, unknown: ['PostgreSQL db-x'] },
  ...more,
});
const text = (more: Partial<PlanResult>): string => `\n${planText(result(more), '/project', { colour: false, columns: 80 })}`;

const MIXED: Change[] = [
  change({ name: 'reminders' }),
  change({ name: 'task-updates' }),
  change({ action: 'change', fields: [{ path: 'spec.partitions', from: 3, to: 6 }, { path: 'spec.config["retention.ms"]', to: 604_800_000 }] }),
  change({ action: 'prune', kind: 'KafkaUser', name: 'billing', reason: 'the definition has no service billing any more' }),
  change({ action: 'change', kind: 'HelmRelease', namespace: 'strimzi-system', name: 'strimzi', reason: 'strimzi-kafka-operator 1.1.0 would become 1.2.0' }),
  change({ action: 'after', kind: 'ScaledObject', name: 'recurrence', system: 'keda', after: 'keda', reason: 'its kind comes with keda' }),
  change({ action: 'after', kind: 'Gateway', name: 'todo', system: 'gateway', reason: 'the cluster has no kind Gateway: DigitalOcean brings it to VPC-native clusters from Kubernetes 1.33 on: upgrade the cluster, or write gateway: {kind: ingress}' }),
  change({ kind: 'HelmRelease', name: 'keda', system: 'keda', reason: 'keda 2.20.2 would be installed' }),
  change({ action: 'change', kind: 'Deployment', name: 'task-api', system: 'app', fields: [
    { path: 'spec.template.spec.containers[name=app].image', from: 'registry.digitalocean.com/todo/todo:task-api-1', to: 'registry.digitalocean.com/todo/todo:task-api-2' },
    { path: 'spec.template.spec.containers[name=app].env[name=TOKEN].value', masked: true },
    { path: 'spec.paused', from: true },
  ] }),
];

describe('a plan as a person reads it at 80 columns', () => {
  test('nothing is one line', () => {
    expect(text({})).toMatchInlineSnapshot(`
      "
      No changes  prod is as it is defined, 154 objects
      "
    `);
  });

  test('nothing, as far as can be seen', () => {
    expect(text({ approximate: true, unseen: ['You may not read Role: what would change there is not known.'] })).toMatchInlineSnapshot(`
      "
      No changes  prod is as it is defined, 154 objects, as far as can be seen
      Note      You may not read Role: what would change there is not known.
      "
    `);
  });

  test('changes by system, with what is old and new', () => {
    expect(text({ changes: MIXED })).toMatchInlineSnapshot(`
      "
      Plan      prod against do-nyc3 (https://10.0.0.1)

      kafka
        + KafkaTopic              reminders, task-updates
        ~ KafkaTopic              todo/task-events
            spec.partitions: 3 → 6
            spec.config["retention.ms"]: (none) → 604800000
        - KafkaUser               todo/billing
            the definition has no service billing any more
        ~ HelmRelease             strimzi-system/strimzi
            strimzi-kafka-operator 1.1.0 would become 1.2.0

      keda
        > ScaledObject            recurrence (create after step keda)
        + HelmRelease             keda (keda 2.20.2 would be installed)

      gateway
        > Gateway                 todo (the cluster has no kind Gateway: DigitalOcean
                                  brings it to VPC-native clusters from Kubernetes
                                  1.33 on: upgrade the cluster, or write gateway:
                                  {kind: ingress})

      app
        ~ Deployment              todo/task-api
            spec.template.spec.containers[name=app].image:
              - registry.digitalocean.com/todo/todo:task-api-1
              + registry.digitalocean.com/todo/todo:task-api-2
            spec.template.spec.containers[name=app].env[name=TOKEN].value: changed,
              masked
            spec.paused: true → (none)

      Capacity  52 to 81 pods request 4.4 CPU and 16.7 GiB to 8.4 CPU and 24.2 GiB
                3 (2 to 5) nodes s-4vcpu-8gb of 3.9 CPU and 6 GiB each; needed 3 to 5
                (the nodes of the cluster)
                80 connections of the database, which gives 97
      Price     144 USD a month (0.21 an hour), 96 to 240 by autoscaling; -48 a month
                against what is there
                3 × node s-4vcpu-8gb 144, PostgreSQL db-x ?; list of 2026-11-20, not
                confirmed; no price known of PostgreSQL db-x
      In all    3 to create, 3 to change, 1 to prune, 2 to create after another step
      "
    `);
  });

  test('everything new, for want of a cluster', () => {
    expect(text({ against: { kind: 'nothing' }, changes: [change({})] })).toMatchInlineSnapshot(`
      "
      Plan      prod has no cluster yet: everything is new (name one with
                --kubeconfig)

      kafka
        + KafkaTopic              task-events

      Capacity  52 to 81 pods request 4.4 CPU and 16.7 GiB to 8.4 CPU and 24.2 GiB
                3 (2 to 5) nodes s-4vcpu-8gb of 3.9 CPU and 6 GiB each; needed 3 to 5
                (the nodes of the cluster)
                80 connections of the database, which gives 97
      Price     144 USD a month (0.21 an hour), 96 to 240 by autoscaling
                3 × node s-4vcpu-8gb 144, PostgreSQL db-x ?; list of 2026-11-20, not
                confirmed; no price known of PostgreSQL db-x
      In all    1 to create, 0 to change, 0 to prune
      "
    `);
  });

  test('what is tight, and what the API server warned of', () => {
    const capacity = { ...result().capacity, warnings: ['52 pods need 4 nodes; there are 3, and up to 5 by autoscaling.'] };
    expect(text({ against: { kind: 'folder', where: '/project/rendered/prod' }, changes: [change({})], warnings: ['would violate PodSecurity "restricted:latest"'], capacity })).toMatchInlineSnapshot(`
      "
      Plan      prod against rendered/prod

      kafka
        + KafkaTopic              task-events

      Capacity  52 to 81 pods request 4.4 CPU and 16.7 GiB to 8.4 CPU and 24.2 GiB
                3 (2 to 5) nodes s-4vcpu-8gb of 3.9 CPU and 6 GiB each; needed 3 to 5
                (the nodes of the cluster)
                80 connections of the database, which gives 97
      Price     144 USD a month (0.21 an hour), 96 to 240 by autoscaling; -48 a month
                against what is there
                3 × node s-4vcpu-8gb 144, PostgreSQL db-x ?; list of 2026-11-20, not
                confirmed; no price known of PostgreSQL db-x
      Note      would violate PodSecurity "restricted:latest"
      Note      52 pods need 4 nodes; there are 3, and up to 5 by autoscaling.
      In all    1 to create, 0 to change, 0 to prune
      "
    `);
  });

  test.each([[40], [80], [200]])('no line is wider than the %i columns, but for what cannot be broken', (columns) => {
    const lines = planText(result({ changes: MIXED }), '/project', { colour: false, columns }).split('\n');
    const longest = Math.max(...lines.filter((line) => / \S+ \S/.test(line.trim())).map(({ length }) => length));
    expect(longest).toBeLessThanOrEqual(Math.max(columns, 80));
  });

  test('colour adds nothing but colour', () => {
    const painted = planText(result({ changes: MIXED }), '/project', { colour: true, columns: 80 });
    expect(stripVTControlCharacters(painted)).toBe(planText(result({ changes: MIXED }), '/project', { colour: false, columns: 80 }));
  });

  test('no value of a masked field is there', () => {
    expect(text({ changes: [change({ action: 'change', fields: [{ path: 'data.password', masked: true }] })] })).toContain('data.password: changed, masked');
  });
});

test('of two long values the difference is in sight', () => {
  const before = 'max by (namespace, service) (up{namespace="todo",service=~"audit|realtime|task-api|web"}) == 0';
  const fields = [{ path: 'expr', from: before, to: before.replace('|web', '') }];
  const told = text({ changes: [change({ action: 'change', fields })] });
  expect(told).toContain('expr: …it|realtime|task-api|web"}) == 0 → …it|realtime|task-api"}) == 0\n');
  expect(told.split('\n').every((line) => line.length <= 80)).toBe(true);
});
