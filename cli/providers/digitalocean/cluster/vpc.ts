import type { State, Step } from '../../../engine/step.ts';
import { TodoctlError } from '../../../errors/todoctl-error.ts';
import type { ApiVpc } from '../api.ts';
import type { DigitalOcean } from '../client.ts';
import { markOf } from '../marks.ts';
import { allClusters, allVpcs, ourVpc, takenRanges } from './find.ts';
import { freeNetwork, overlapOf, rangesOf, type Taken } from './networks.ts';
import type { WantedCluster } from './wanted.ts';

/** The private network of the environment: its own, so that its addresses are known to be free and it can go as a whole. */
export function vpcStep(api: DigitalOcean, wanted: WantedCluster): Step<ApiVpc> {
  const { owner, name, region } = wanted;
  const find = async (): Promise<ApiVpc | undefined> => ourVpc(await allVpcs(api), owner);
  return {
    id: 'vpc',
    title: 'Private network',
    needs: [],
    timeout: 120_000,
    makes: [`VPC ${name} in ${region}`],
    async check(): Promise<State<ApiVpc>> {
      const found = await find();
      if (!found) return { is: 'absent' };
      return found.region === region ? { is: 'done', value: found } : { is: 'stuck', error: elsewhere('VPC', found, region) };
    },
    async apply() {
      const taken = takenRanges(await allClusters(api), await allVpcs(api), owner);
      const body = { name, region, ip_range: rangesOf(networkFor(wanted, taken)).vpc, description: markOf(owner) };
      await api.make('/v2/vpcs', body, find);
    },
  };
}

/** N of the environment's addresses. Errors: TODOCTL_DIGITALOCEAN_CIDR_OVERLAP. */
export function networkFor({ owner, network }: WantedCluster, taken: readonly Taken[]): number {
  const found = network ?? freeNetwork(owner, taken);
  if (found === undefined) throw new TodoctlError('TODOCTL_DIGITALOCEAN_CIDR_OVERLAP', { message: 'All networks from 10.100.0.0/16 to 10.199.0.0/16 are in use on the account' });
  for (const range of Object.values(rangesOf(found)) as string[]) {
    const other = overlapOf(range, taken);
    if (other) {
      throw new TodoctlError('TODOCTL_DIGITALOCEAN_CIDR_OVERLAP', {
        message: `controlPlane.network ${found} is in use on the account`,
        details: [`${range} overlaps with ${other.range} of ${other.by}`, ...free(owner, taken)],
      });
    }
  }
  return found;
}

function free(owner: WantedCluster['owner'], taken: readonly Taken[]): string[] {
  const network = freeNetwork(owner, taken);
  return network === undefined ? [] : [`${network} is free`];
}

/** The refusal of what is there, but in another region than todoctl.yaml says. */
export function elsewhere(kind: string, { name, region }: { name: string; region: string }, wanted: string): TodoctlError {
  return new TodoctlError('TODOCTL_DIGITALOCEAN_CLUSTER_FIXED', { message: `The ${kind} ${name} is in ${region}, todoctl.yaml says ${wanted}` });
}
