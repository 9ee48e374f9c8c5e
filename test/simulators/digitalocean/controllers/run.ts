import type { World } from '../world.ts';
import { ApiServer } from './api.ts';
import { type ClaimsGiven, reconcileClaims } from './claims.ts';
import { reconcileGateways } from './gateways.ts';
import { adoptNodes, makeNodes } from './nodes.ts';
import { reconcileRegistries } from './registries.ts';
import { reconcileServices } from './services.ts';

/** What DigitalOcean runs beside a cluster, against the real API server behind it. */
export interface ControllersGiven extends Partial<ClaimsGiven> {
  /** Address of all load balancers; each gets one of its own, which leads nowhere, when left out. */
  address?: string;
  /** `made`: Node objects are made, where no kubelet does. `real`: those that kubelets made are the nodes of the pools. */
  nodes?: 'made' | 'real';
}

const PAUSE_MS = 200;

/** Looks again and again at all clusters that run, until it is stopped; what goes wrong is kept for who asks. */
export function runControllers(world: World, { address, nodes, classes = ['do-block-storage', 'do-block-storage-retain'], provision = false, alone = false }: ControllersGiven): { stop(): Promise<void>; readonly errors: readonly string[] } {
  const errors = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let round = Promise.resolve();
  const look = async (): Promise<void> => {
    for (const cluster of world.state.clusters.values()) {
      if (cluster.behind === undefined || !['running', 'upgrading'].includes(cluster.state)) continue;
      const api = new ApiServer(cluster.behind);
      const tasks = [...(nodes ? [() => (nodes === 'made' ? makeNodes : adoptNodes)(cluster, api)] : []), () => reconcileGateways(api), () => reconcileServices(world, cluster, api, address), () => reconcileRegistries(cluster, api), () => reconcileClaims(world, cluster, api, { classes, provision, alone })];
      for (const task of tasks) await task().catch((error: unknown) => void errors.add(error instanceof Error ? error.message : String(error)));
    }
  };
  const again = (): void => {
    // The clock is moved by tests: what is due happens before each look.
    world.clock.now();
    round = look().then(() => {
      if (!stopped) timer = setTimeout(again, PAUSE_MS);
    });
  };
  again();
  return {
    get errors() {
      return [...errors];
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await round;
    },
  };
}
