// What Kafka's pools cannot become: controllers elsewhere, volumes of another class, volumes that shrink.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { TodoctlError } from '../../../../cli/errors/todoctl-error.ts';
import type { KubernetesObject } from '../../../../cli/kubernetes/object.ts';
import type { Context } from '../../../../cli/operations/context.ts';
import { plan } from '../../../../cli/operations/plan/plan.ts';
import { refuseOtherPools } from '../../../../cli/targets/cluster/compare/pools.ts';
import { render } from '../../../../cli/operations/render/render.ts';
import { refusal } from '../../../support/definition.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { contextOn, targetWith } from '../stage.ts';
import { KINDS, resource, scriptedCluster } from './scripted-cluster.ts';

const pool = (name: string, roles: string[], replicas: number, volumes: object[] = [], labels = { 'strimzi.io/cluster': 'todo' }): KubernetesObject => ({
  apiVersion: 'kafka.strimzi.io/v1', kind: 'KafkaNodePool', metadata: { name, namespace: 'todo', labels }, spec: { roles, replicas, storage: { type: 'jbod', volumes } },
});
const one = [pool('kafka', ['controller', 'broker'], 1)];
const three = [pool('controller', ['controller'], 3), pool('kafka', ['broker'], 3)];
const disk = (size: string, name?: string): KubernetesObject[] => [pool('kafka', ['controller', 'broker'], 1, [{ id: 0, size, ...(name === undefined ? {} : { class: name }) }])];

function refused(before: KubernetesObject[], now: KubernetesObject[]): TodoctlError | undefined {
  try {
    refuseOtherPools(before, now);
    return undefined;
  } catch (error) {
    return error as TodoctlError;
  }
}

describe('refused', () => {
  test.each<[string, KubernetesObject[], KubernetesObject[], string]>([
    ['one broker that becomes three', one, three, '1 in pool kafka and would be 3 in pool controller'],
    ['three that become one', three, one, '3 in pool controller and would be 1 in pool kafka'],
    ['another number of controllers', three, [pool('controller', ['controller'], 5), pool('kafka', ['broker'], 3)], '3 in pool controller and would be 5 in pool controller'],
    ['no controllers any more', one, [pool('kafka', ['broker'], 1)], '1 in pool kafka and would be gone'],
  ])('%s', (_, before, now, words) => {
    expect(refused(before, now)).toMatchObject({ code: 'TODOCTL_CONTROLLERS_CHANGED', exit: 3, message: `The controllers of Kafka are ${words}` });
  });

  test.each<[string, KubernetesObject[], KubernetesObject[], string]>([
    ['another class', disk('10Gi', 'fast'), disk('10Gi', 'slow'), 'pool kafka: its class is fast and would be slow'],
    ['a class where there was none', disk('10Gi'), disk('10Gi', 'slow'), 'pool kafka: its class is the cluster’s default and would be slow'],
    ['none where there was one', disk('10Gi', 'fast'), disk('10Gi'), 'pool kafka: its class is fast and would be the cluster’s default'],
    ['a smaller volume', disk('10Gi'), disk('9Gi'), 'pool kafka: it has 10Gi and would have 9Gi'],
  ])('%s', (_, before, now, line) => {
    expect(refused(before, now)).toMatchObject({ code: 'TODOCTL_VOLUME_CHANGED', exit: 3, details: [line] });
  });
});

describe('let through', () => {
  test.each<[string, KubernetesObject[], KubernetesObject[]]>([
    ['nothing before', [], three],
    ['the same', three, three],
    ['the same in another order', three, three.toReversed()],
    ['more brokers', three, [pool('controller', ['controller'], 3), pool('kafka', ['broker'], 5)]],
    ['a Kafka that goes as a whole', three, []],
    ['another cluster beside', [pool('other', ['controller'], 1, [], { 'strimzi.io/cluster': 'other' })], three],
    ['a pool of another system', [{ ...pool('kafka', ['controller'], 9), apiVersion: 'example.com/v1' }], three],
    ['a volume that grows', disk('10Gi', 'fast'), disk('20Gi', 'fast')],
    ['a volume of the same size, spelled otherwise', disk('1Gi'), disk('1024Mi')],
    ['a volume more', disk('10Gi'), [pool('kafka', ['controller', 'broker'], 1, [{ id: 0, size: '10Gi' }, { id: 1, size: '1Gi', class: 'slow' }])]],
  ])('%s', (_, before, now) => {
    expect(refused(before, now)).toBeUndefined();
  });
});

describe('a plan', () => {
  let context: Context;
  let cwd: string;
  const define = (kafka: string): Promise<void> =>
    writeFile(path.join(cwd, 'todoctl.yaml'), `platform: todo\ntopics: { task-events: { key: task } }\nservices:\n  audit: { subscribes: [task-events] }\nenvironments:\n  prod: { provider: existing, context: c, host: todo.example.com, auth: { jwks: https://id.example.com/keys }, kafka: ${kafka} }\n`);

  beforeEach(async () => {
    cwd = await temporaryFolder();
    context = { ...contextOn(targetWith()), cwd, environment: 'prod' };
  });

  test.each([
    ['{ brokers: 1 }', '{ brokers: 3 }', 'TODOCTL_CONTROLLERS_CHANGED'],
    ['{ brokers: 3 }', '{ brokers: 1 }', 'TODOCTL_CONTROLLERS_CHANGED'],
    ['{ storageClass: fast }', '{ storageClass: slow }', 'TODOCTL_VOLUME_CHANGED'],
    ['{ storage: 20GiB }', '{ storage: 10GiB }', 'TODOCTL_VOLUME_CHANGED'],
  ])('against a former render, from %s to %s, is refused: %s', async (before, now, code) => {
    await define(before);
    await render(context, { only: [], out: undefined, check: false });
    await define(now);
    expect(await refusal(plan(context, { against: 'rendered/prod' }))).toMatchObject({ code, exit: 3 });
  });

  test('against a former render with more brokers is made', async () => {
    await define('{ brokers: 3 }');
    await render(context, { only: [], out: undefined, check: false });
    await define('{ brokers: 4 }');
    const { changes } = await plan(context, { against: 'rendered/prod' });
    expect(changes.filter(({ kind }) => kind === 'KafkaNodePool')).toMatchObject([{ action: 'change', name: 'kafka' }]);
  });

  test('against a cluster is refused for whatever is there, ours by its labels or not', async () => {
    const { server, ca } = await scriptedCluster([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'todo' } }, pool('kafka', ['controller', 'broker'], 1)], undefined, [...KINDS, resource('kafka.strimzi.io/v1', 'KafkaNodePool')]);
    await mkdir(path.join(cwd, '.kube'));
    const kubeconfig = { 'apiVersion': 'v1', 'kind': 'Config', 'current-context': 'c', 'contexts': [{ name: 'c', context: { cluster: 'c', user: 'u' } }], 'users': [{ name: 'u', user: { token: 'canary' } }], 'clusters': [{ name: 'c', cluster: { server: server.origin, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }] };
    await writeFile(path.join(cwd, '.kube/config'), JSON.stringify(kubeconfig));
    await define('{ brokers: 3 }');
    expect(await refusal(plan(context, { kubeconfig: '.kube/config' }))).toMatchObject({ code: 'TODOCTL_CONTROLLERS_CHANGED', message: 'The controllers of Kafka are 1 in pool kafka and would be 3 in pool controller' });
  });
});
