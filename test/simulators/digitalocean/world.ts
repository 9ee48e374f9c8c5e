import { randomUUID } from 'node:crypto';
import type { InvoiceRow } from './billing.ts';
import type { SimulatedClock } from './clock.ts';
import type { ClusterRow, ClusterBehind } from './clusters/row.ts';
import type { DatabaseBehind, DatabaseRow } from './databases/row.ts';
import type { DomainRecordRow } from './domains.ts';
import type { LoadBalancerRow } from './load-balancers.ts';
import type { ProjectRow } from './projects.ts';
import type { RegistryRow, Subscription } from './registries/row.ts';
import type { SnapshotRow, VolumeRow } from './volumes.ts';
import type { VpcRow } from './vpcs.ts';

/** How long things take, in milliseconds of the simulated clock. */
export const DURATIONS = {
  /** From the request to `running`; its nodes run then too. */
  cluster: 330_000,
  /** Until a pool's new nodes run. */
  nodes: 120_000,
  upgrade: 900_000,
  /** Until a deleted cluster answers 404. */
  clusterGone: 60_000,
  /** How long what was deleted is still counted as a member of its VPC. */
  member: 120_000,
  loadBalancer: 60_000,
  loadBalancerGone: 20_000,
  volumeGone: 10_000,
  database: 420_000,
  databaseGone: 30_000,
  topic: 15_000,
  garbageCollection: 90_000,
};
export type Durations = typeof DURATIONS;

/** Everything that the simulated account has. Tests may read it and put things in. */
export interface State {
  account: { dropletLimit: number; status: 'active' | 'warning' | 'locked'; team: { uuid: string; name: string }; email: string };
  clusters: Map<string, ClusterRow>;
  vpcs: Map<string, VpcRow>;
  loadBalancers: Map<string, LoadBalancerRow>;
  volumes: Map<string, VolumeRow>;
  snapshots: Map<string, SnapshotRow>;
  databases: Map<string, DatabaseRow>;
  projects: Map<string, ProjectRow>;
  /** Records of each zone, by its name. */
  domains: Map<string, DomainRecordRow[]>;
  /** By name. */
  registries: Map<string, RegistryRow>;
  subscription?: Subscription;
  /** Names of registries that other accounts have. */
  takenNames: Set<string>;
  tags: Set<string>;
  invoices: InvoiceRow[];
  /** Members of VPCs whose things are deleted already but not yet gone. */
  lingering: { vpc: string; urn: string; name: string; until: number }[];
}

export interface World {
  clock: SimulatedClock;
  durations: Durations;
  state: State;
  /** A new cluster's real API server, where there is one. */
  behind: (cluster: ClusterRow) => ClusterBehind | undefined;
  /** A new database's real server, where there is one. */
  databaseBehind: (database: DatabaseRow) => DatabaseBehind | undefined;
  /** Base64 of the PEM that signed those servers' certificates. */
  databaseCa?: string;
  /** Something that no client may do: makes the test fail. */
  violate: (what: string) => void;
}

export function emptyState(): State {
  return {
    account: { dropletLimit: 25, status: 'active', team: { uuid: randomUUID(), name: 'Example team' }, email: 'ops@example.com' },
    clusters: new Map(),
    vpcs: new Map(), loadBalancers: new Map(), volumes: new Map(), snapshots: new Map(), databases: new Map(), projects: new Map(), domains: new Map(), registries: new Map(),
    takenNames: new Set(['todo', 'example']), tags: new Set(), invoices: [],
    lingering: [],
  };
}
