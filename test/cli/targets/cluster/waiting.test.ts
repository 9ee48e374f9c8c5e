// What a wait for a cluster says: the cause, from pods, containers and events; and when waiting will not help.
import { describe, expect, test } from 'vitest';
import type { Kubernetes } from '../../../../cli/kubernetes/client.ts';
import type { KubernetesObject } from '../../../../cli/kubernetes/object.ts';
import { stateOfAll } from '../../../../cli/targets/cluster/waiting.ts';

/** A cluster that answers by the last part of a path, and remembers what it was asked. */
function cluster(answers: Readonly<Record<string, unknown>>): { kubernetes: Kubernetes; asked: string[] } {
  const asked: string[] = [];
  const kubernetes = {
    where: 'test',
    ask: async (path: string) => {
      asked.push(path);
      const key = path.split('?')[0]?.split('/').at(-1) ?? '';
      return { status: key in answers ? 200 : 404, body: answers[key], warnings: [] };
    },
  };
  return { kubernetes: kubernetes as unknown as Kubernetes, asked };
}

const deployment = (name: string, available: number): KubernetesObject => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'todo', generation: 1 } as KubernetesObject['metadata'],
  spec: { replicas: 1, selector: { matchLabels: { app: name } } }, status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: available },
});
const pod = (container: object): object => ({ metadata: { name: 'web-1', namespace: 'todo', uid: 'u' }, status: { phase: 'Pending', containerStatuses: [{ name: 'app', ready: false, restartCount: 0, image: 'ghcr.io/me/todo:1', ...container }] } });
const event = (more: object): object => ({ involvedObject: { kind: 'Pod', name: 'web-1', uid: 'u' }, type: 'Warning', ...more });

describe('a wait', () => {
  test('is over when all are ready; then no pod is asked for', async () => {
    const { kubernetes, asked } = cluster({});
    expect(await stateOfAll(kubernetes, [deployment('web', 1)], 'value')).toEqual({ is: 'done', value: 'value' });
    expect(asked).toEqual([]);
  });

  test('says how many, and why the pods are not ready', async () => {
    const { kubernetes, asked } = cluster({ pods: { items: [pod({ state: { waiting: { reason: 'ErrImagePull', message: 'not found' } } })] }, events: { items: [] } });
    expect(await stateOfAll(kubernetes, [deployment('web', 0)], undefined)).toEqual({ is: 'busy', reason: 'Deployment web: 0 of 1 replicas are ready; app: ghcr.io/me/todo:1 cannot be pulled: not found' });
    expect(asked[0]).toContain('labelSelector=app%3Dweb');
  });

  test('ends when an image was refused three times', async () => {
    const events = { items: [event({ reason: 'Failed', message: '403 Forbidden', count: 3 })] };
    const { kubernetes } = cluster({ pods: { items: [pod({ state: { waiting: { reason: 'ImagePullBackOff' } } })] }, events });
    expect(await stateOfAll(kubernetes, [deployment('web', 0)], undefined)).toMatchObject({ is: 'stuck', error: { code: 'TODOCTL_WORKLOAD_FAILING', message: expect.stringContaining('403 Forbidden') as string } });
  });

  test('of a program that keeps ending says its last lines', async () => {
    const crash = pod({ restartCount: 4, state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: { exitCode: 1 } } });
    const { kubernetes, asked } = cluster({ pods: { items: [crash] }, events: { items: [] }, log: { message: 'starting\nno database\n' } });
    expect(await stateOfAll(kubernetes, [deployment('web', 0)], undefined)).toMatchObject({ is: 'stuck', error: { details: ['app: starting', 'app: no database'] } });
    expect(asked.at(-1)).toContain('/pods/web-1/log?container=app&previous=true');
  });

  test('without any pod says who refuses them', async () => {
    const refused = { involvedObject: { kind: 'ReplicaSet', name: 'web-5d' }, reason: 'FailedCreate', message: 'exceeded quota: todo' };
    const { kubernetes } = cluster({ pods: { items: [] }, events: { items: [refused] } });
    expect(await stateOfAll(kubernetes, [deployment('web', 0)], undefined)).toMatchObject({ is: 'busy', reason: 'Deployment web: 0 of 1 replicas are ready; its pods are refused: exceeded quota: todo' });
  });

  test('names three of many, and counts the rest', async () => {
    const { kubernetes } = cluster({ pods: { items: [] }, events: { items: [] } });
    const state = await stateOfAll(kubernetes, ['a', 'b', 'c', 'd', 'e'].map((name) => deployment(name, 0)), undefined);
    expect(state).toMatchObject({ is: 'busy', reason: expect.stringMatching(/^Deployment a: .*; Deployment b: .*; Deployment c: .*; and 2 more$/) as string });
  });

  test('for Kafka looks at its brokers', async () => {
    const kafka = { apiVersion: 'kafka.strimzi.io/v1', kind: 'Kafka', metadata: { name: 'todo', namespace: 'todo' } };
    const { kubernetes, asked } = cluster({ pods: { items: [] }, events: { items: [] } });
    await stateOfAll(kubernetes, [kafka], undefined);
    expect(asked[0]).toContain(encodeURIComponent('strimzi.io/cluster=todo'));
  });
});
