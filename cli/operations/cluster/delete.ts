import { runSteps } from '../../engine/run.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { Resource, ResourceKind } from '../../providers/resource.ts';
import type { Reporter } from '../../ui/reporters/reporter.ts';
import type { Context } from '../context.ts';
import { clustersOf } from './provider-of.ts';

export interface ClusterDeleteOptions {
  dryRun: boolean;
  confirm: (found: readonly Resource[]) => Promise<boolean>;
}

export interface ClusterDeleteResult {
  environment: string;
  dryRun: boolean;
  /** In a dry run what would go. */
  removed: readonly Resource[];
  kept: readonly Resource[];
  seconds: number;
}

/** What goes with a cluster, and the name that leads to it; databases and the registry are not its. */
const ITS: readonly ResourceKind[] = ['cluster', 'node pool', 'load balancer', 'volume', 'snapshot', 'vpc', 'project', 'dns record'];

/**
 * Deletes the environment's cluster with what it made, looks again, and says what is gone. Throws TODOCTL_LEFTOVERS when something of
 * it is still there.
 */
export async function clusterDelete(context: Context, { dryRun, confirm }: ClusterDeleteOptions, reporter: Reporter): Promise<ClusterDeleteResult> {
  const begun = context.clock.now();
  const { provider } = await clustersOf(context);
  const all = await provider.resources();
  const keepDatabase = all.some(({ kind }) => kind === 'database' || kind === 'kafka');
  // A network and a project that a database is in stay with it.
  const isIts = ({ kind, owner }: Resource): boolean => owner === 'environment' && ITS.includes(kind) && !(keepDatabase && (kind === 'vpc' || kind === 'project'));
  const found = all.filter(isIts);
  const result = (removed: readonly Resource[], kept: readonly Resource[]): ClusterDeleteResult => ({ environment: context.environment, dryRun, removed, kept, seconds: Math.round((context.clock.now() - begun) / 100) / 10 });
  if (found.length === 0 || dryRun) {
    await reporter.end();
    return result(found, all.filter((one) => !found.includes(one)));
  }
  if (!(await confirm(found))) throw new TodoctlError('TODOCTL_INTERRUPTED', { message: 'Nothing was changed', why: 'The answer was not yes.', next: ['To see what would go: todoctl cluster delete --dry-run.'] });
  const steps = (await provider.teardown?.({ found, keepDatabase, withRegistry: false })) ?? [];
  const { error } = await runSteps(steps, { emit: (event) => reporter.emit(event), clock: context.clock, stop: context.stop, leave: context.leave }).finally(() => reporter.end());
  if (error && context.leave.aborted) throw error;
  const after = await provider.resources();
  const left = after.filter(isIts);
  if (left.length > 0 && !context.stop.aborted) {
    throw new TodoctlError('TODOCTL_LEFTOVERS', { message: `${left.length} of the cluster's things are left`, details: [...left.map(({ kind, name, id }) => `${kind} ${name} (${id})`), ...(error ? [error.message, ...error.details] : [])], cause: error });
  }
  if (error) throw error;
  return result(found, after);
}
