// Who decides about the replicas of a service, and what is waited for. On a real API server: test/real/cluster-day-two.
import { describe, expect, test } from 'vitest';
import type { Run, State, Step } from '../../../../cli/engine/step.ts';
import { systemClock } from '../../../../cli/io/clock.ts';
import type { Ask, Kubernetes } from '../../../../cli/kubernetes/client.ts';
import type { Ground } from '../../../../cli/targets/cluster/ground.ts';
import { type Bounds, scaleSteps } from '../../../../cli/targets/cluster/scale.ts';
import { plainIo } from '../../operations/stage.ts';

const BASE = '/apis/apps/v1/namespaces/todo/deployments';
const KEDA = '/apis/keda.sh/v1alpha1/namespaces/todo/scaledobjects';
const HPA = '/apis/autoscaling/v2/namespaces/todo/horizontalpodautoscalers';
const deployment = (name: string, replicas: number, readyReplicas = replicas): object => ({ metadata: { name, namespace: 'todo', generation: 1 }, spec: { replicas, selector: { matchLabels: { app: name } } }, status: { observedGeneration: 1, replicas, readyReplicas } });

/** A cluster with these objects; what is changed in it is kept. */
function stage(there: Record<string, unknown>, status = 200): { ground: Ground; patched: [path: string, body: unknown][] } {
  const patched: [string, unknown][] = [];
  const ask = async (path: string, { method = 'GET', body }: Ask = {}): Promise<{ status: number; body: unknown }> => {
    if (method === 'PATCH') {
      patched.push([path, JSON.parse(body ?? '')]);
      return { status, body: { message: 'no' } };
    }
    const found = there[path.split('?')[0] ?? ''];
    return found === undefined ? { status: 404, body: {} } : { status: 200, body: found };
  };
  const kubernetes = { where: 'test', ask } as unknown as Kubernetes;
  const ground = {
    peek: { platform: 'todo' }, folder: '/nowhere', cluster: async () => ({ uid: 'c' }), open: () => kubernetes, kubernetes: async () => kubernetes,
    given: { environment: 'prod', io: plainIo, clock: systemClock, env: {}, stop: new AbortController().signal, leave: new AbortController().signal },
  } as unknown as Ground;
  return { ground, patched };
}
const run = { leave: new AbortController().signal } as unknown as Run;
const withServices = (...items: object[]): Record<string, unknown> => ({ [BASE]: { items }, ...Object.fromEntries(items.map((item) => [`${BASE}/${(item as { metadata: { name: string } }).metadata.name}`, item])) });
const stepOf = async (ground: Ground, id: string, service: string, to: Bounds): Promise<Step> => {
  const found = (await scaleSteps(ground, service, to)).find((step) => step.id === id);
  if (!found) throw new Error(`there is no step ${id}`);
  return found;
};
const check = async (there: Record<string, unknown>, id: string, to: Bounds): Promise<State<unknown>> => (await stepOf(stage(there).ground, id, 'audit', to)).check(run);

describe('bounds', () => {
  const keda = { ...withServices(deployment('audit', 1)), [`${KEDA}/audit`]: { spec: { minReplicaCount: 1, maxReplicaCount: 6 } }, [`${HPA}/audit`]: { spec: { minReplicas: 9, maxReplicas: 9 } } };

  test('stand in the ScaledObject where there is one, whatever its own autoscaler says', async () => {
    expect(await check(keda, 'scale', { min: 2, max: 6 })).toMatchObject({ is: 'drifted', changes: [{ what: 'audit: 1 to 6 → 2 to 6', from: '1 to 6', to: '2 to 6' }] });
    expect((await check(keda, 'scale', { min: 1, max: 6 })).is).toBe('done');
  });

  test('else in the autoscaler, else they are the replicas', async () => {
    const hpa = { ...withServices(deployment('audit', 1)), [`${HPA}/audit`]: { spec: { maxReplicas: 4 } } };
    expect(await check(hpa, 'scale', { min: 1, max: 5 })).toMatchObject({ changes: [{ from: '1 to 4', to: '1 to 5' }] });
    expect(await check(withServices(deployment('audit', 2)), 'scale', { min: 3, max: 3 })).toMatchObject({ changes: [{ from: '2', to: '3' }] });
  });

  test('without an autoscaler are refused, with both ways out', async () => {
    await expect(scaleSteps(stage(withServices(deployment('audit', 1))).ground, 'audit', { min: 1, max: 2 })).rejects.toMatchObject({ code: 'TODOCTL_SCALE_REFUSED', next: ['Run todoctl scale audit --replicas 1.', expect.stringContaining('scale: { min: 1, max: 2, cpu: 70 }') as string] });
  });
});

test('a name that is not there: what there is; and where nothing is, that', async () => {
  await expect(scaleSteps(stage(withServices(deployment('audit', 1), deployment('web', 1))).ground, 'wep', { min: 1, max: 1 })).rejects.toMatchObject({ code: 'TODOCTL_UNKNOWN_PROCESS', message: 'No service is called wep. Did you mean web?', details: ['There are: audit, web'] });
  await expect(scaleSteps(stage({}).ground, 'web', { min: 1, max: 1 })).rejects.toMatchObject({ code: 'TODOCTL_NOT_DEPLOYED' });
});

test.each<[string, object, Bounds, Partial<State<unknown>> & { reason?: string }]>([
  ['all are ready', deployment('audit', 3), { min: 2, max: 4 }, { is: 'done' }],
  ['some are not', deployment('audit', 3, 1), { min: 2, max: 4 }, { is: 'busy', reason: '1 of 3 are ready' }],
  ['the autoscaler has not looked', deployment('audit', 1), { min: 2, max: 4 }, { is: 'busy', reason: 'the autoscaler still wants 1' }],
  ['the autoscaler wants more than the most', deployment('audit', 9), { min: 2, max: 4 }, { is: 'busy', reason: 'the autoscaler still wants 9' }],
])('waits until as many are ready: %s', async (_what, object, to, state) => {
  expect(await check({ ...withServices(object), [`${HPA}/audit`]: { spec: { minReplicas: 2, maxReplicas: 4 } } }, 'ready', to)).toMatchObject(state);
});

test('what is changed is where the bounds stand, and no more of it', async () => {
  const plain = stage(withServices(deployment('audit', 1)));
  await (await stepOf(plain.ground, 'scale', 'audit', { min: 2, max: 2 })).apply?.(run);
  expect(plain.patched).toEqual([[`${BASE}/audit/scale`, { spec: { replicas: 2 } }]]);
  const keda = stage({ ...withServices(deployment('audit', 1)), [`${KEDA}/audit`]: { spec: {} } });
  await (await stepOf(keda.ground, 'scale', 'audit', { min: 2, max: 7 })).apply?.(run);
  expect(keda.patched).toEqual([[`${KEDA}/audit`, { spec: { minReplicaCount: 2, maxReplicaCount: 7 } }]]);
});

test('who may not is told so', async () => {
  const { ground } = stage(withServices(deployment('audit', 1)), 403);
  await expect((await stepOf(ground, 'scale', 'audit', { min: 2, max: 2 })).apply?.(run)).rejects.toMatchObject({ code: 'TODOCTL_CLUSTER_FORBIDDEN', message: 'You may not scale audit' });
});
