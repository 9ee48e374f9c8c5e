import type { Resource } from '../../providers/resource.ts';
import type { WantedOutside } from '../../providers/provider.ts';
import type { Ground } from './ground.ts';
import type { Wanted } from './wanted.ts';
import { quantityOf } from './compare/differences.ts';

interface Claiming {
  replicas?: number;
  type?: string;
  volumeClaimTemplates?: { spec?: { resources?: { requests?: Record<string, unknown> } } }[];
}

const GIB = 2 ** 30;

/** What the environment costs as it is declared; nothing where its provider knows no prices. */
export async function clusterPrice(ground: Ground): Promise<readonly Resource[]> {
  const provider = await ground.provider();
  return provider.price ? provider.price(outsideOf(await ground.wanted())) : [];
}

/** What a cluster's own controllers make of what is deployed: a load balancer for each Gateway and each Service that asks for one, and volumes. */
export function outsideOf({ desired, systems }: Pick<Wanted, 'desired' | 'systems'>): WantedOutside {
  const objects = desired.objects.map(({ object }) => object);
  const loadBalancers = objects.filter(({ kind, spec }) => kind === 'Gateway' || (kind === 'Service' && (spec as Claiming | undefined)?.type === 'LoadBalancer')).length;
  const claimed = objects.flatMap(({ spec }) => {
    const { replicas = 1, volumeClaimTemplates = [] } = (spec ?? {}) as Claiming;
    return several(replicas, volumeClaimTemplates.map((claim) => Math.ceil((quantityOf(claim.spec?.resources?.requests?.['storage']) ?? 0) / GIB)));
  });
  const others = systems.flatMap(({ charts = [], pods = [] }) => [...charts.flatMap((chart) => chart.pods), ...pods]);
  return { loadBalancers, volumes: [...claimed, ...others.flatMap(({ replicas, volumes = [] }) => several(replicas, volumes))] };
}

function several(replicas: number, volumes: readonly number[]): number[] {
  return Array.from({ length: replicas }, () => volumes).flat();
}
