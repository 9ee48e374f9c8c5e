import type { Service } from '../../../definition/platform.ts';
import type { Step } from '../../../engine/step.ts';
import { TodoctlError } from '../../../errors/todoctl-error.ts';
import { reasonOf, strange } from '../../../kubernetes/failures.ts';
import type { KubernetesObject } from '../../../kubernetes/object.ts';
import { readObject } from '../../../kubernetes/read.ts';
import { namespaceOf } from '../../../systems/names.ts';
import { stateOfAll } from '../waiting.ts';
import type { Deploying } from './deploying.ts';

type Deployment = KubernetesObject & { metadata: { resourceVersion?: string }; spec?: { replicas?: number } };

/** A pod waits for its sidecar, that for its broker; an image may be pulled by a new node. */
const USUAL_MS = 10 * 60_000;

/**
 * One service: all replicas are new and ready. A new Deployment begins with one, and its autoscaler looks only every half minute: that it
 * has the least that it is to have is asked for here. Errors: TODOCTL_CLUSTER_FORBIDDEN, TODOCTL_WORKLOAD_FAILING.
 */
export function serviceStep({ look, wanted: { platform }, timeout, lock }: Deploying, { name, scale }: Service, needs: readonly Step[]): Step {
  const path = `/apis/apps/v1/namespaces/${encodeURIComponent(namespaceOf(platform))}/deployments/${encodeURIComponent(name)}`;
  return {
    id: `service-${name}`,
    title: name,
    needs: [look, ...needs],
    timeout: timeout ?? USUAL_MS,
    async check(run) {
      const { kubernetes } = run.of(look);
      const there = await readObject<Deployment>(kubernetes, path);
      if (!there) return { is: 'busy', reason: 'its Deployment is not there yet' };
      const replicas = there.spec?.replicas ?? 1;
      if (scale && replicas < scale.min) return { is: 'drifted', value: undefined, changes: [{ what: `${name}: replicas`, from: `${replicas}`, to: `${scale.min}` }] };
      return stateOfAll(kubernetes, [{ ...there, apiVersion: 'apps/v1', kind: 'Deployment' }], undefined);
    },
    async apply(run) {
      const { kubernetes } = run.of(look);
      const there = await readObject<Deployment>(kubernetes, path);
      if (!there || !scale || (there.spec?.replicas ?? 1) >= scale.min) return;
      lock.assertHeld();
      // Of the version that was read: an autoscaler that has wanted more since is not taken back.
      const { resourceVersion } = there.metadata;
      const { status, body } = await kubernetes.ask(`${path}/scale`, { method: 'PATCH', type: 'application/merge-patch+json', body: JSON.stringify({ metadata: { resourceVersion }, spec: { replicas: scale.min } }) });
      if (status === 409) return this.apply?.(run);
      if (status === 200) return;
      if (status === 403) throw new TodoctlError('TODOCTL_CLUSTER_FORBIDDEN', { message: `You may not scale ${name}`, details: [reasonOf(body)] });
      throw strange(kubernetes.where, status, body);
    },
  };
}
