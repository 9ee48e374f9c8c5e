// How a deploy takes the lock of its environment, and what it asks for that.
import { describe, expect, test } from 'vitest';
import { runSteps } from '../../../../../cli/engine/run.ts';
import type { Step } from '../../../../../cli/engine/step.ts';
import type { Clock } from '../../../../../cli/io/clock.ts';
import type { Kubernetes } from '../../../../../cli/kubernetes/client.ts';
import type { Cluster } from '../../../../../cli/providers/provider.ts';
import type { Ground } from '../../../../../cli/targets/cluster/ground.ts';
import type { Lease } from '../../../../../cli/targets/cluster/lease.ts';
import { openLock } from '../../../../../cli/targets/cluster/steps/lock.ts';
import { apiServerThat } from '../../../kubernetes/forwarding-server.ts';

const LEASES = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases';
const OTHER: Lease = {
  metadata: { name: 'todoctl-todo-far', uid: '1', resourceVersion: '7', annotations: { 'todoctl.io/process': '{"pid":1,"start":"1","boot":"of another machine"}', 'todoctl.io/doing': 'teardown' } },
  spec: { holderIdentity: 'ann@laptop:1', leaseDurationSeconds: 60, acquireTime: '1970-01-01T00:00:00.000000Z', renewTime: '1970-01-01T00:00:00.000000Z' },
};

/** A clock that stands still: nothing here is waited for. */
const STILL: Clock = {
  now: () => 0,
  wait: (_, signal) => new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true })),
};

/** An API server with one Lease, or none; `asked`: methods and whether it is of one or of all. `before`: called before each answer. */
async function stage(there: Lease | undefined, before: (asked: string, count: number) => Lease | undefined | 'as it is' = () => 'as it is') {
  let lease = there;
  const asked: string[] = [];
  const kubernetes: Kubernetes = await apiServerThat({
    request: (request, response) => {
      const one = request.url?.startsWith(`${LEASES}/`);
      const what = `${request.method ?? ''} ${one ? 'one' : 'all'}`;
      const now = before(what, asked.push(what));
      if (now !== 'as it is') lease = now;
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
        const body = chunks.length > 0 ? (JSON.parse(Buffer.concat(chunks).toString()) as Lease) : undefined;
        const answer = (status: number, answered: object = {}): void => void response.writeHead(status).end(JSON.stringify(answered));
        if (request.method === 'POST' && body) return lease ? answer(409) : answer(201, (lease = { ...body, metadata: { ...body.metadata, uid: '2', resourceVersion: '1' } }));
        if (!lease) return answer(404);
        if (request.method === 'PATCH' && body) return body.metadata.resourceVersion === lease.metadata.resourceVersion ? answer(200, (lease = { ...lease, ...body, metadata: { ...lease.metadata, ...body.metadata, resourceVersion: '8' } })) : answer(409);
        if (request.method === 'DELETE') lease = undefined;
        return answer(200, lease ?? {});
      });
    },
  });
  const clock = STILL;
  const cluster: Step<Cluster> = { id: 'cluster', title: 'Cluster', needs: [], timeout: 1000, check: async () => ({ is: 'done', value: {} as Cluster }) };
  const ground = { peek: { platform: 'todo' }, given: { clock, environment: 'far' }, open: () => kubernetes } as unknown as Ground;
  const lock = openLock(ground, cluster, 'deploy');
  let during: Lease | undefined;
  const work: Step = { id: 'work', title: 'Work', needs: [lock.step], timeout: 1000, check: async () => (during = lease, { is: 'done', value: undefined }) };
  const signal = new AbortController().signal;
  const outcome = await runSteps([work], { clock, emit: () => undefined, stop: signal, leave: signal });
  return { outcome, asked, during, after: lease };
}

describe('the lock', () => {
  test('is written without a look before, held while the run goes on, and removed at its end', async () => {
    const { outcome, asked, during, after } = await stage(undefined);
    expect(outcome).toMatchObject({ ok: true });
    expect(during?.spec?.holderIdentity).toMatch(/^.+@.+:\d+$/);
    expect(after).toBeUndefined();
    expect(asked).toEqual(['POST all', 'GET one', 'DELETE one']);
  });

  test('that somebody holds is looked at then, and who holds it is told; it stays theirs', async () => {
    const held = { ...OTHER, spec: { ...OTHER.spec, renewTime: '1970-01-01T00:00:30.000000Z' } };
    const { outcome, asked, during, after } = await stage(held);
    expect(outcome.error).toMatchObject({ code: 'TODOCTL_LOCKED', message: 'ann@laptop:1 is changing far since 1970-01-01T00:00:00Z (todoctl teardown)' });
    expect(asked).toEqual(['POST all', 'GET one']);
    expect([during, after]).toEqual([undefined, held]);
  });

  test('of somebody whose time is over is taken over', async () => {
    const late = { ...OTHER, spec: { ...OTHER.spec, renewTime: '1969-12-31T23:58:00.000000Z' } };
    const { outcome, asked, during } = await stage(late);
    expect(outcome.ok).toBe(true);
    expect(during?.spec?.holderIdentity).not.toBe('ann@laptop:1');
    expect(asked.slice(0, 3)).toEqual(['POST all', 'GET one', 'PATCH one']);
  });

  test('that goes between two questions is written again', async () => {
    const { outcome, asked } = await stage(OTHER, (_, count) => (count === 2 ? undefined : 'as it is'));
    expect(outcome.ok).toBe(true);
    expect(asked.slice(0, 3)).toEqual(['POST all', 'GET one', 'POST all']);
  });
});
