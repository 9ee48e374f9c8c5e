import { TodoctlError } from '../../../errors/todoctl-error.ts';
import { troubleOf } from '../../../kubernetes/why.ts';
import type { Check } from '../../../providers/provider.ts';
import type { Ground } from '../ground.ts';
import { clusterKafka } from '../kafka.ts';
import { marksOf } from '../marks.ts';
import { ifDeployed } from '../teardown.ts';
import { lookAround } from '../workloads.ts';
import type { Around, Runbook, RunbookCheck } from './check.ts';
import { eventsNotFlowing } from './events.ts';
import { monitoringBlind } from './monitoring.ts';
import { podsNotStarting } from './pods.ts';
import { sidecarTrouble } from './sidecars.ts';

/** The runbooks whose checks doctor makes, in the order in which causes lie below each other. */
export const RUNBOOKS: readonly Runbook[] = [podsNotStarting, sidecarTrouble, eventsNotFlowing, monitoringBlind];

/** What the runbooks check of a platform that is deployed; none where nothing is. Errors: TODOCTL_CLUSTER_*. */
export async function diagnose(ground: Ground): Promise<Check[]> {
  const cluster = await ifDeployed(ground);
  if (!cluster) return [];
  const kubernetes = ground.open(cluster);
  const marks = marksOf(ground);
  const seen = await lookAround(kubernetes, marks);
  if (!seen) return [];
  const troubles = seen.pods.flatMap((pod) => troubleOf(pod, seen.events) ?? []);
  return runChecks({ kubernetes, marks, seen, troubles, kafka: () => clusterKafka(ground, 'lag') });
}

/** Each check with its result; those of what the environment does not have are left out. */
export async function runChecks(around: Around): Promise<Check[]> {
  const found = await Promise.all(RUNBOOKS.flatMap((runbook) => runbook.checks.map((check) => runCheck(runbook, check, around))));
  return found.flatMap((check) => check ?? []);
}

async function runCheck({ code, page }: Runbook, check: RunbookCheck, around: Around): Promise<Check | undefined> {
  const { title } = check;
  const wrong = await check.look(around);
  if (wrong === undefined) return undefined;
  if (wrong.length === 0) return { title };
  const [first = ''] = wrong;
  return { title, error: new TodoctlError(code, { message: wrong.length === 1 ? first : `${wrong.length} problems`, details: wrong.length === 1 ? [] : wrong, next: [`Follow docs/runbooks/${page}.md.`] }) };
}
