import path from 'node:path';
import type { Step } from '../../engine/step.ts';
import { TodoctlError } from '../../errors/todoctl-error.ts';
import { readKubeconfig } from '../../kubernetes/kubeconfig.ts';
import { assertIdentity, identify } from '../../kubernetes/identity.ts';
import { writeKubeconfig } from '../../kubernetes/private-kubeconfig.ts';
import type { Cluster, Provider, ProviderGiven } from '../provider.ts';

export interface ExistingGiven extends ProviderGiven {
  /** A context of the user's kubeconfig; the current one when undefined. */
  context?: string;
  /** UID of kube-system that the cluster must have. */
  cluster?: string;
  /** Where the private kubeconfig goes. */
  kubeconfig: string;
}

/**
 * A cluster that somebody else made: named by a context of $KUBECONFIG or ~/.kube/config, which are only read.
 * Nothing is made and nothing removed but what is deployed into it.
 */
export function existingProvider(given: ExistingGiven): Provider {
  const look = async (): Promise<Cluster> => {
    const access = await readKubeconfig(kubeconfigs(given), given.context);
    const uid = await identify(access, given);
    assertIdentity(`${access.context} (${access.server.origin})`, uid, given.cluster);
    await writeKubeconfig(given.kubeconfig, access);
    return { name: access.context, access, kubeconfig: given.kubeconfig, uid };
  };
  let found: Promise<Cluster> | undefined;
  // Whose it is does not change while a command runs; whoever could not be reached is asked again.
  const cluster = (): Promise<Cluster> => (found ??= look().catch((error: unknown) => {
    found = undefined;
    throw error;
  }));
  const step: Step<Cluster> = {
    id: 'cluster',
    title: 'Cluster',
    needs: [],
    timeout: 30_000,
    check: async () => ({ is: 'done', value: await cluster() }),
  };
  return {
    name: 'an existing cluster',
    preflight: async () => [{ title: 'Cluster', ...(await cluster().then(() => ({}), asError)) }],
    cluster,
    steps: async () => ({ cluster: step }),
    resources: async () => [],
  };
}

function asError(error: unknown): { error: TodoctlError } {
  if (error instanceof TodoctlError) return { error };
  throw error;
}

/** The kubeconfig files that a person's own tools read. */
export function kubeconfigs({ env, cwd }: Pick<ProviderGiven, 'env' | 'cwd'>): string[] {
  const listed = (env['KUBECONFIG'] ?? '').split(path.delimiter).filter(Boolean);
  return listed.length > 0 ? listed.map((one) => path.resolve(cwd, one)) : [path.join(env['HOME'] ?? '', '.kube/config')];
}
