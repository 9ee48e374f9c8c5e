import type { Platform } from '../../../definition/platform.ts';
import { TodoctlError } from '../../../errors/todoctl-error.ts';
import { nameOf, type Owner } from '../marks.ts';

/** The cluster that an environment of todoctl.yaml asks for. */
export interface WantedCluster {
  owner: Owner;
  name: string;
  region: string;
  size: string;
  count: number;
  /** Bounds of the autoscaler; the pool keeps its count where they are one number. */
  min: number;
  max: number;
  /** `latest`, `1.36` or a slug. */
  version: string;
  ha: boolean;
  /** N of 10.N.0.0/16; a free one where it is left out. */
  network?: number;
}

/** The minor version that the platform is tried with. */
const VERSION = '1.36';

/** Errors: TODOCTL_DIGITALOCEAN_INCOMPLETE. */
export function wantedCluster({ name, environment }: Platform): WantedCluster {
  const owner = { platform: name, environment: environment.name };
  const { region, nodes = {}, controlPlane = {} } = environment;
  const { size } = nodes;
  if (region === undefined || size === undefined) {
    throw new TodoctlError('TODOCTL_DIGITALOCEAN_INCOMPLETE', { message: `The environment ${environment.name} has no ${[region === undefined ? 'region' : '', size === undefined ? 'nodes.size' : ''].filter(Boolean).join(' and no ')}` });
  }
  const { count = nodes.min ?? 1, min = count, max = Math.max(count, min) } = nodes;
  const { version = VERSION, ha = false, network } = controlPlane;
  return { owner, name: nameOf(owner), region, size, count, min: Math.min(min, count), max: Math.max(max, count), version, ha, ...(network === undefined ? {} : { network }) };
}
