import { noCluster } from '../../errors/no-cluster.ts';
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
  if (!found) throw noCluster(context.environment);
  return { ...found, upgrades: await clusters.upgrades() };
}
