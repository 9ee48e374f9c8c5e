import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { DigitalOcean } from '../../simulators/digitalocean/start.ts';
import { openAccount } from '../digitalocean-account.ts';
import { openDoor } from '../door.ts';
import { type ManagedPostgres, startManagedPostgres } from '../managed-postgres.ts';
import { tokenOf } from './keys.ts';
import type { Node } from './node.ts';

/** An account at DigitalOcean whose cluster is a real node, whose database is a real PostgreSQL, and whose load balancer relays to the node. */
export interface DigitalOceanOnNode {
  account: DigitalOcean;
  postgres: ManagedPostgres;
  /** Address of the load balancer: this machine's, as the node sees it. */
  balancer: string;
  stop: () => Promise<void>;
}

/** The class that DigitalOcean's clusters come with; on the node Traefik serves it. */
const CLASS = 'cilium';

/** What Gateways of a node must say, so that they are entered by the load balancer. */
export function balancedBy({ ground }: Node): { gatewayClass: string; balancer: string } {
  return { gatewayClass: CLASS, balancer: ground.hostAddress };
}

export async function startDigitalOceanOn({ ground, server }: Node): Promise<DigitalOceanOnNode> {
  const { address, hostAddress: balancer, folder } = ground;
  const [postgres, ca] = await Promise.all([startManagedPostgres(balancer), readFile(path.join(folder, 'keys/ca.crt'), 'utf8')]);
  const doors = await Promise.all([80, 443].map((port) => openDoor({ host: address, port }, { host: balancer, port })));
  const account = await openAccount({ server, ca, token: tokenOf('admin') }, { controllers: { nodes: 'real', address: balancer }, databaseBehind: postgres.behind, databaseCa: postgres.ca });
  return {
    account, postgres, balancer,
    stop: async () => {
      for (const door of doors) door.close();
      await postgres.stop();
      // Last, for it fails where a client did what none may do.
      await account[Symbol.asyncDispose]();
    },
  };
}
