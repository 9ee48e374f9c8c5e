import { runSteps } from '../../engine/run.ts';
import type { EndEvent } from '../../engine/step.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { Reporter } from '../../ui/reporters/reporter.ts';
import type { Context } from '../context.ts';
import { refuse } from '../refuse.ts';
import { clustersOf } from './provider-of.ts';

export interface ClusterCreateOptions {
  dryRun: boolean;
  /** Asked before anything that costs is made; not when the cluster is there. */
  confirm: () => Promise<boolean>;
}

export interface ClusterCreateResult {
  environment: string;
  dryRun: boolean;
  changed: number;
  seconds: number;
  steps: { step: string; title: string; is: EndEvent['is']; changes?: readonly { what: string; from?: string; to?: string }[] }[];
  /** Absent in a dry run of one that is not there. */
  cluster?: { name: string; id: string; uid: string; kubeconfig: string };
}

/** Makes the cluster of an environment, or finds it again, and waits until its nodes are Ready. What stops it is found before the first change. */
export async function clusterCreate(context: Context, { dryRun, confirm }: ClusterCreateOptions, reporter: Reporter): Promise<ClusterCreateResult> {
  const begun = context.clock.now();
  const { provider } = await clustersOf(context);
  refuse(await provider.preflight());
  const { cluster: step } = await provider.steps();
  const given = { emit: (event: Parameters<Reporter['emit']>[0]) => reporter.emit(event), clock: context.clock, stop: context.stop, leave: context.leave };
  const look = dryRun ? undefined : await runSteps([step], { ...given, emit: () => undefined, dryRun: true });
  if (look && look.planned > 0 && !(await confirm())) throw new TodoctlError('TODOCTL_INTERRUPTED', { message: 'Nothing was changed', why: 'The answer was not yes.', next: ['To see what would be made: todoctl cluster create --dry-run.'] });
  const outcome = await runSteps([step], { ...given, dryRun }).finally(() => reporter.end());
  if (outcome.error) throw outcome.error;
  const made = outcome.of(step);
  return {
    environment: context.environment,
    dryRun,
    changed: dryRun ? outcome.planned : outcome.changed,
    seconds: Math.round((context.clock.now() - begun) / 100) / 10,
    steps: outcome.steps.map((end) => ({ step: end.step, title: end.title, is: end.is, ...('changes' in end ? { changes: end.changes } : {}) })),
    ...(made ? { cluster: { name: made.name, id: made.id ?? '', uid: made.uid, kubeconfig: made.kubeconfig } } : {}),
  };
}
