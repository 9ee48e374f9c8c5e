import type { Step } from '../../../engine/step.ts';
import type { KubernetesObject } from '../../../kubernetes/object.ts';
import { readObject } from '../../../kubernetes/read.ts';
import { namespaceOf } from '../../../systems/names.ts';
import { stateOfAll } from '../waiting.ts';
import type { Deploying } from './deploying.ts';

/** A pod waits for its sidecar, that for its broker; an image may be pulled by a new node. */
const USUAL_MS = 10 * 60_000;

/** One service: all replicas are new and ready. */
export function serviceStep({ look, wanted: { platform }, timeout }: Deploying, service: string, needs: readonly Step[]): Step {
  return {
    id: `service-${service}`,
    title: service,
    needs: [look, ...needs],
    timeout: timeout ?? USUAL_MS,
    async check(run) {
      const { kubernetes } = run.of(look);
      const path = `/apis/apps/v1/namespaces/${encodeURIComponent(namespaceOf(platform))}/deployments/${encodeURIComponent(service)}`;
      const there = await readObject<KubernetesObject>(kubernetes, path);
      if (!there) return { is: 'busy', reason: 'its Deployment is not there yet' };
      return stateOfAll(kubernetes, [{ ...there, apiVersion: 'apps/v1', kind: 'Deployment' }], undefined);
    },
  };
}
