import { runSteps } from '../../engine/run.ts';
import type { Change } from '../../engine/step.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { Reporter } from '../../ui/reporters/reporter.ts';
import type { Context } from '../context.ts';
import { clustersOf } from './provider-of.ts';

export interface ClusterUpgradeOptions {
  /** `latest`, a minor version or a full one. */
  to: string;
  dryRun: boolean;
  confirm: (from: string, to: string) => Promise<boolean>;
}

export interface ClusterUpgradeResult {
  environment: string;
  dryRun: boolean;
  changed: boolean;
  changes: readonly Change[];
  /** The version that it has now. */
  version: string;
}

/** Upgrades control plane and nodes, one node after the other. */
export async function clusterUpgrade(context: Context, { to, dryRun, confirm }: ClusterUpgradeOptions, reporter: Reporter): Promise<ClusterUpgradeResult> {
  const { clusters } = await clustersOf(context);
  const step = await clusters.upgrade(to);
  const given = { emit: (event: Parameters<Reporter['emit']>[0]) => reporter.emit(event), clock: context.clock, stop: context.stop, leave: context.leave };
  const look = await runSteps([step], { ...given, emit: () => undefined, dryRun: true });
  if (look.error) throw look.error;
  const changes = look.steps.flatMap((end) => (end.is === 'planned' ? end.changes : []));
  const change = changes.find(({ from, to: target }) => from !== undefined && target !== undefined);
  if (!dryRun && change && !(await confirm(change.from ?? '', change.to ?? ''))) throw new TodoctlError('TODOCTL_INTERRUPTED', { message: 'Nothing was changed', why: 'The answer was not yes.', next: ['To see what would change: todoctl cluster upgrade --dry-run.'] });
  const outcome = dryRun ? look : await runSteps([step], given).finally(() => reporter.end());
  if (dryRun) await reporter.end();
  if (outcome.error) throw outcome.error;
  const now = await clusters.show();
  return { environment: context.environment, dryRun, changed: !dryRun && outcome.changed > 0, changes, version: now?.version ?? '' };
}
