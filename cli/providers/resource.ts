/** What a thing costs, in US dollars, and who says so. */
export interface Price {
  monthly: number;
  hourly: number;
  /** `GET /v2/sizes`, or the page that the price list was read from. */
  source: string;
  /** Date of that, `2026-11-20`. */
  asOf: string;
}

export type ResourceKind =
  | 'process' | 'port' | 'directory' | 'topic'
  | 'cluster' | 'node pool' | 'load balancer' | 'volume' | 'snapshot' | 'registry' | 'database' | 'kafka' | 'vpc' | 'project' | 'tag' | 'dns record'
  | 'namespace' | 'release' | 'object';

/** One thing that the platform is made of: what cost, meter, leftovers and the receipt count. */
export interface Resource {
  kind: ResourceKind;
  name: string;
  /** pid, port number, path, UUID: what it is found again by. */
  id: string;
  /** `platform`: shared by its environments, as a registry is. `other`: not ours, only looked at. */
  owner: 'environment' | 'platform' | 'other';
  /** Absent where it costs nothing of its own. */
  price?: Price;
  /** Since when it bills, milliseconds since the epoch. */
  since?: number;
  heldBy?: string;
}
