// When a deploy calls a service ready, and who gives it its first replicas. On a real node: test/real/cluster.
import { describe, expect, test } from 'vitest';
import type { Service } from '../../../../../cli/definition/platform.ts';
import type { Run, Step } from '../../../../../cli/engine/step.ts';
import { TodoctlError } from '../../../../../cli/errors/todoctl-error.ts';
import type { Ask, Kubernetes } from '../../../../../cli/kubernetes/client.ts';
import type { Deploying } from '../../../../../cli/targets/cluster/steps/deploying.ts';
import { serviceStep } from '../../../../../cli/targets/cluster/steps/services.ts';

const PATH = '/apis/apps/v1/namespaces/todo/deployments/task-api';
const SCALED = { name: 'task-api', scale: { min: 3, max: 20, cpu: 70 } } as unknown as Service;

interface Stage {
  step: Step;
  run: Run;
  /** Paths and bodies of what was changed. */
  patched: [path: string, body: unknown][];
}

/** A cluster whose Deployment has so many replicas, all ready, or has no Deployment; a change of it is answered with this status. */
function stage(service: Service, replicas: number | undefined, { answer = 200, held = true, meanwhile }: { answer?: number; held?: boolean; meanwhile?: number } = {}): Stage {
  const patched: Stage['patched'] = [];
  const ask = async (path: string, { method = 'GET', body = '' }: Ask = {}): Promise<unknown> => {
    if (method === 'PATCH') {
      patched.push([path, JSON.parse(body)]);
      if (meanwhile !== undefined && meanwhile !== replicas) {
        replicas = meanwhile;
        return { status: 409, body: { message: 'the object has been modified' }, warnings: [] };
      }
      return { status: answer, body: { message: 'deployments.apps "task-api" is forbidden' }, warnings: [] };
    }
    if (replicas === undefined || path !== PATH) return { status: 404, body: {}, warnings: [] };
    const metadata = { name: 'task-api', namespace: 'todo', generation: 1, resourceVersion: `v${replicas}` };
    return { status: 200, body: { metadata, spec: { replicas }, status: { observedGeneration: 1, replicas, updatedReplicas: replicas, availableReplicas: replicas } }, warnings: [] };
  };
  const kubernetes = { where: 'test', ask } as unknown as Kubernetes;
  const look = { id: 'look' } as Step;
  const assertHeld = (): void => {
    if (!held) throw new TodoctlError('TODOCTL_LOCK_LOST');
  };
  const deploying = { look, wanted: { platform: { name: 'todo', environment: {} } }, lock: { assertHeld } } as unknown as Deploying;
  return { step: serviceStep(deploying, service, []), run: { of: () => ({ kubernetes }) } as unknown as Run, patched };
}

describe('a service of a deploy', () => {
  test('waits for its Deployment', async () => {
    const { step, run } = stage(SCALED, undefined);
    expect(await step.check(run)).toEqual({ is: 'busy', reason: 'its Deployment is not there yet' });
  });

  test('that is new gets the least that its autoscaler is to leave it, at once', async () => {
    const { step, run, patched } = stage(SCALED, 1);
    expect(await step.check(run)).toEqual({ is: 'drifted', value: undefined, changes: [{ what: 'task-api: replicas', from: '1', to: '3' }] });
    await step.apply?.(run);
    expect(patched).toEqual([[`${PATH}/scale`, { metadata: { resourceVersion: 'v1' }, spec: { replicas: 3 } }]]);
  });

  test('that its autoscaler has given more meanwhile keeps that', async () => {
    const { step, run, patched } = stage(SCALED, 1, { meanwhile: 6 });
    await step.apply?.(run);
    expect(patched).toHaveLength(1);
    expect((await step.check(run)).is).toBe('done');
  });

  test('that somebody else has changed meanwhile is tried again', async () => {
    const { step, run, patched } = stage(SCALED, 1, { meanwhile: 2 });
    await step.apply?.(run);
    expect(patched.map(([, body]) => body)).toEqual([1, 2].map((version) => ({ metadata: { resourceVersion: `v${version}` }, spec: { replicas: 3 } })));
  });

  test.each([3, 4, 20, 25])('with %i replicas is the matter of its autoscaler', async (replicas) => {
    const { step, run } = stage(SCALED, replicas);
    expect(await step.check(run)).toEqual({ is: 'done', value: undefined });
  });

  test('without an autoscaler has the replicas that the release gave it', async () => {
    const { step, run } = stage({ name: 'task-api' } as Service, 1);
    expect(await step.check(run)).toEqual({ is: 'done', value: undefined });
  });

  test('is left alone once somebody else has the lock', async () => {
    const { step, run, patched } = stage(SCALED, 1, { held: false });
    await expect(step.apply?.(run)).rejects.toMatchObject({ code: 'TODOCTL_LOCK_LOST' });
    expect(patched).toEqual([]);
  });

  test('that may not be scaled says so; what else the server answers is told as it is', async () => {
    const forbidden = stage(SCALED, 1, { answer: 403 });
    await expect(forbidden.step.apply?.(forbidden.run)).rejects.toMatchObject({ code: 'TODOCTL_CLUSTER_FORBIDDEN', message: expect.stringContaining('You may not scale task-api') as string });
    const strange = stage(SCALED, 1, { answer: 418 });
    await expect(strange.step.apply?.(strange.run)).rejects.toMatchObject({ code: 'TODOCTL_CLUSTER_STRANGE' });
  });
});
