import { newLoadBalancer } from './load-balancers.ts';
import { newVolume } from './volumes.ts';
import { newVpc } from './vpcs.ts';
import type { World } from './world.ts';

/** Other people's load balancers, and a volume and a VPC of theirs, on the same account: nobody may touch them. */
export function addOthers(world: World, count: number): void {
  if (count === 0) return;
  const vpc = newVpc(world, { name: 'their-vpc', region: 'nyc3', description: 'not yours', ip_range: '10.200.0.0/20' });
  for (let number = 1; number <= count; number++) {
    newLoadBalancer(world, { name: `their-lb-${number}`, region: 'nyc3', vpc: vpc.id, rules: [{ entry_protocol: 'tcp', entry_port: 443, target_protocol: 'tcp', target_port: 443 }], tags: number % 2 === 0 ? ['k8s:11111111-2222-3333-4444-555555555555'] : [] });
  }
  for (const row of world.state.loadBalancers.values()) Object.assign(row, { status: 'active', ip: '198.51.100.9' });
  newVolume(world, { name: 'pvc-of-theirs', region: 'nyc3', size_gigabytes: 10, tags: ['k8s:11111111-2222-3333-4444-555555555555'] });
}
