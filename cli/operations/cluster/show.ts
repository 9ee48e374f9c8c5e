import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { ClusterSummary } from '../../providers/provider.ts';
import type { Context } from '../context.ts';
import { clustersOf } from './provider-of.ts';

export interface ClusterShowResult extends ClusterSummary {
  /** Versions that it can be upgraded to, newest first. */
  upgrades: readonly string[];
}

/** Errors: TODOCTL_NOT_DEPLOYED. */
export async function clusterShow(context: Context): Promise<ClusterShowResult> {
  const { clusters } = await clustersOf(context);
  const found = await clusters.show();
  if (!found) throw new TodoctlError('TODOCTL_NOT_DEPLOYED', { message: `The environment ${context.environment} has no cluster yet`, next: [`Run todoctl cluster create --env ${context.environment}.`] });
  return { ...found, upgrades: await clusters.upgrades() };
}
