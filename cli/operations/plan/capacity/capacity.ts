import type { Platform } from '../../../definition/platform.ts';
import type { Footprint } from '../../../systems/system.ts';
import type { Nodes } from './nodes.ts';
import { type Room, weigh } from './room.ts';

/** Whether an environment has room: on its nodes, and in its database. */
export type Capacity = Room;

/** Errors: TODOCTL_CAPACITY_NODES. */
export function capacityOf(_platform: Platform, footprints: readonly Footprint[], nodes: Nodes | undefined): Capacity {
  return weigh(footprints, nodes);
}
