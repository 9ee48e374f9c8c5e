import { TodoctlError } from '../../errors/todoctl-error.ts';
import type { Provider, ProviderClusters } from '../../providers/provider.ts';
import { type Ground, openGround } from '../../targets/cluster/ground.ts';
import type { Context } from '../context.ts';

/** The provider of an environment that is in a cluster. Errors: TODOCTL_PROVIDER_UNSUPPORTED, those of openGround(). */
export async function providerOf(context: Context): Promise<{ ground: Ground; provider: Provider }> {
  const ground = await openGround(context);
  if (ground.peek.provider !== 'local') return { ground, provider: await ground.provider() };
  throw new TodoctlError('TODOCTL_PROVIDER_UNSUPPORTED', {
    message: `The environment ${context.environment} runs on this machine, in no cluster`,
    next: [`Name another one with --env: ${ground.peek.environments.filter((name) => name !== context.environment).join(', ') || 'todoctl.yaml has no other'}.`],
  });
}

/** The same for what only a provider that makes clusters can do. */
export async function clustersOf(context: Context): Promise<{ provider: Provider; clusters: ProviderClusters }> {
  const { provider } = await providerOf(context);
  if (provider.clusters) return { provider, clusters: provider.clusters };
  throw new TodoctlError('TODOCTL_PROVIDER_UNSUPPORTED', { message: `${context.environment} is on ${provider.name}, which todoctl neither makes nor changes`, next: ['Use the tools of whoever made the cluster.'] });
}
