import type { Platform } from '../../../definition/platform.ts';
import { TodoctlError } from '../../../errors/todoctl-error.ts';
import { databaseConnections, type DatabaseConnections } from '../../../systems/database-connections.ts';
import type { Footprint } from '../../../systems/system.ts';
import type { Nodes } from './nodes.ts';
import { type Room, weigh } from './room.ts';

/** Connections of the database: what it gives, and what is opened when every service is at its most replicas. */
export interface Connections {
  /** Absent where nobody knows it. */
  limit?: number;
  used: number;
}

/** Whether an environment has room: on its nodes, and in its database. */
export interface Capacity extends Room {
  /** Absent where nothing uses the database. */
  connections?: Connections;
}

/** Errors: TODOCTL_CAPACITY_NODES, TODOCTL_CAPACITY_CONNECTIONS. */
export function capacityOf(platform: Platform, footprints: readonly Footprint[], nodes: Nodes | undefined): Capacity {
  const connections = connectionsOf(databaseConnections(platform));
  return { ...weigh(footprints, nodes), ...(connections ? { connections } : {}) };
}

/** The sum of what is used, within the limit. Errors: TODOCTL_CAPACITY_CONNECTIONS. */
export function connectionsOf({ limit, used: uses, pooler }: DatabaseConnections): Connections | undefined {
  if (pooler && pooler.size < pooler.least) {
    throw new TodoctlError('TODOCTL_CAPACITY_CONNECTIONS', {
      message: `Sidecars with a state store that start at once need ${pooler.least} connections of the pooler, and it has ${pooler.size}`,
      next: ['Take a bigger postgres.pooled in todoctl.yaml, Redis for the state (redis: {}), or a lower scale.max.'],
    });
  }
  if (uses.length === 0) return undefined;
  const used = uses.reduce((sum, { connections }) => sum + connections, 0);
  if (limit === undefined) return { used };
  if (used <= limit) return { limit, used };
  throw new TodoctlError('TODOCTL_CAPACITY_CONNECTIONS', {
    message: `The pods would open ${used} connections, and the database gives ${limit}`,
    details: uses.map(({ what, connections }) => `${what} = ${connections}`),
  });
}
