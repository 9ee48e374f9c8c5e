import type { Step } from '../../engine/step.ts';
import { readObject } from '../../kubernetes/read.ts';
import { smokeSteps } from '../smoke/steps.ts';
import { whoIsAsking } from '../smoke/who.ts';
import { clusterEntrance } from './entrance.ts';
import type { Ground } from './ground.ts';
import { clusterKafka } from './kafka.ts';
import { marksOf } from './marks.ts';
import { notDeployed } from './status.ts';

/** A load balancer of a cloud takes some minutes, and its health checks some more. */
const PATIENCE_MS = 5 * 60_000;

/** Where nothing was deployed an entrance would be waited for in vain. Errors: TODOCTL_NOT_DEPLOYED. */
export async function refuseUndeployed(ground: Pick<Ground, 'peek' | 'given' | 'kubernetes'>): Promise<void> {
  const marks = marksOf(ground);
  if (!(await readObject(await ground.kubernetes(), `/api/v1/namespaces/${marks.namespace}`))) throw notDeployed(marks);
}

/** Asks the platform as a user would, through its real entrance; after `needs`, as the last steps of a deploy. `url` replaces the entrance. */
export async function clusterSmoke(ground: Ground, { url, needs = [], patienceMs = PATIENCE_MS }: { url?: URL; needs?: readonly Step[]; patienceMs?: number } = {}): Promise<Step[]> {
  const { env, io, clock } = ground.given;
  const platform = await ground.platform();
  return smokeSteps({
    platform, clock, needs, patienceMs,
    entrance: async () => (url ? { url } : clusterEntrance(await ground.kubernetes(), marksOf(ground))),
    kafka: () => clusterKafka(ground, 'tail'),
    who: () => whoIsAsking(platform.environment.auth, { env, redactor: io.redactor }),
  });
}
