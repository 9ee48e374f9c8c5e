/** The parts of DigitalOcean's answers that are read here. Names are those of its OpenAPI document. */
export interface ApiCluster {
  id: string;
  name: string;
  region: string;
  /** A slug: `1.36.0-do.1`. */
  version: string;
  vpc_uuid?: string;
  cluster_subnet?: string;
  service_subnet?: string;
  endpoint?: string;
  tags?: readonly string[] | null;
  ha?: boolean;
  node_pools: readonly ApiPool[];
  status?: { state: string; message?: string };
  created_at: string;
}

export interface ApiPool {
  id: string;
  name: string;
  size: string;
  count: number;
  tags?: readonly string[] | null;
  labels?: Readonly<Record<string, string>> | null;
  auto_scale?: boolean;
  /** Both 0 where it is not scaled. */
  min_nodes?: number;
  max_nodes?: number;
  nodes?: readonly ApiNode[] | null;
}

export interface ApiNode {
  id: string;
  /** Empty while it is asked for. */
  name: string;
  status?: { state: string; message?: string };
}

export interface ApiVpc {
  id: string;
  name: string;
  region: string;
  ip_range?: string;
  description?: string;
  /** One in each region cannot be deleted. */
  default?: boolean;
}

export interface ApiOptions {
  regions: readonly { name: string; slug: string }[];
  versions: readonly { slug: string; kubernetes_version: string }[];
  sizes: readonly { name: string; slug: string }[];
}

export interface ApiSize {
  slug: string;
  available: boolean;
  price_monthly: number;
  price_hourly: number;
  regions: readonly string[];
}

export interface ApiAccount {
  droplet_limit: number;
  status: string;
  status_message?: string;
  email?: string;
  team?: { uuid: string; name: string };
}

export interface ApiCredentials {
  server: string;
  certificate_authority_data: string;
  token?: string | null;
  client_certificate_data?: string | null;
  client_key_data?: string | null;
  expires_at?: string;
}

export interface ApiNamed {
  id: string;
  name: string;
}

/** What controllers of a cluster made outside of it, and deleting the cluster alone leaves. */
export interface ApiAssociated {
  load_balancers?: readonly ApiNamed[] | null;
  volumes?: readonly ApiNamed[] | null;
  volume_snapshots?: readonly ApiNamed[] | null;
}

export interface ApiLoadBalancer {
  id: string;
  name: string;
  ip?: string;
  status?: string;
  vpc_uuid?: string;
  tags?: readonly string[] | null;
  size_unit?: number;
  created_at?: string;
}

export interface ApiVolume {
  id: string;
  name: string;
  size_gigabytes: number;
  tags?: readonly string[] | null;
  droplet_ids?: readonly number[] | null;
  created_at?: string;
}

export interface ApiSnapshot {
  id: string;
  name: string;
  size_gigabytes: number;
  resource_id?: string;
  tags?: readonly string[] | null;
  created_at?: string;
}
