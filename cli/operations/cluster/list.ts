import { sayOn } from '../../io/io.ts';
import type { ClusterSummary } from '../../providers/provider.ts';
import type { Context } from '../context.ts';

/** All clusters that the token of DigitalOcean sees, ours with the environment that they are of. Needs no todoctl.yaml. */
export async function clusterList({ env, io, stop, clock }: Context): Promise<readonly ClusterSummary[]> {
  const [{ DigitalOcean }, { summaries }] = await Promise.all([import('../../providers/digitalocean/client.ts'), import('../../providers/digitalocean/cluster/describe.ts')]);
  return summaries(new DigitalOcean({ env, redactor: io.redactor, stop, clock, say: sayOn(io) }));
}
