/** The parts of DigitalOcean's answers about databases that are read here. Names are those of its OpenAPI document. */
export interface ApiDatabase {
  id: string;
  name: string;
  engine: string;
  version?: string;
  size: string;
  num_nodes: number;
  region: string;
  /** creating, online, resizing, migrating, forking; there is none for what failed. */
  status?: string;
  tags?: readonly string[] | null;
  private_network_uuid?: string;
  private_connection?: ApiConnection;
  created_at?: string;
}

export interface ApiConnection {
  host: string;
  port: number;
  user?: string;
  /** Absent for a token that has not the scope database:view_credentials. */
  password?: string;
}

export interface ApiUser {
  name: string;
  /** Absent for a token that has not the scope database:view_credentials. */
  password?: string;
  settings?: { acl?: readonly ApiAcl[] | null } | null;
}

/** What a user of Kafka may do with topics of a name. */
export interface ApiAcl {
  topic: string;
  permission: 'admin' | 'consume' | 'produce' | 'produceconsume';
}

export interface ApiConnectionPool {
  name: string;
  mode: string;
  size: number;
  db: string;
  user?: string;
  private_connection?: ApiConnection;
}

export interface ApiRule {
  uuid?: string;
  type: string;
  value: string;
  description?: string;
}

export interface ApiTopic {
  name: string;
  /** active, configuring, deleting, unknown. */
  state?: string;
  partition_count: number;
  replication_factor: number;
}

export interface ApiDatabaseOptions {
  regions: readonly string[];
  versions: readonly string[];
  layouts: readonly { num_nodes: number; sizes: readonly string[] }[];
}
