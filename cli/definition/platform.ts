/** A topic of the definition, or the dead-letter topic that came with it. */
export interface Topic {
  name: string;
  /** What the record key is: a task id or a user id. */
  key: 'task' | 'user';
  partitions: number;
  retentionMs: number;
  /** Bytes per partition that are kept; unlimited when undefined. */
  retentionBytes?: number;
  /** The topic that takes what consumers gave up on; undefined for a dead-letter topic itself. */
  deadLetter?: string;
  deadLetterOf?: string;
}

/** One arrow from a topic to a service. */
export interface Subscription {
  topic: string;
  /** Dapr component that delivers it: `pubsub`, or `pubsub-<service>` for `listens`. */
  component: string;
  /** Kafka consumer group; `{podName}` in it stands for the replica's name, one group per replica. */
  group: string;
  /** Where the service takes deliveries: `/events/<topic>`. */
  path: string;
  deadLetter: string;
  /** Deliveries before Dapr gives up on a service that does not answer. */
  attempts: number;
  /** Events per delivery, where the definition asks for bulk. */
  bulk?: number;
}

export interface Acl {
  resource: 'topic' | 'group';
  name: string;
  pattern: 'literal' | 'prefix';
  operations: readonly ('Read' | 'Write' | 'Describe')[];
}

/** Bounds of a service's replicas and what moves them: cpu and memory in percent of the request, lag in events. */
export interface Scale {
  min: number;
  max: number;
  cpu?: number;
  memory?: number;
  lag?: number;
}

/** What one replica of a service asks of a node and gets at most: thousandths of a CPU, MiB. */
export interface ServiceResources {
  cpu: number;
  memory: number;
  cpuLimit: number;
  memoryLimit: number;
}

export interface Service {
  name: string;
  /** Public path prefix at the entrance. */
  route?: string;
  publishes: readonly string[];
  subscriptions: readonly Subscription[];
  invokes: readonly string[];
  invokedBy: readonly string[];
  database: boolean;
  state: boolean;
  /** When Dapr calls its `/schedule`, as cron fields or `@every 1m`. */
  schedule?: string;
  replicas: number;
  /** How an autoscaler may change `replicas` in a cluster. */
  scale?: Scale;
  /** Of the service's own container, in a cluster. */
  resources: ServiceResources;
  /** True when any arrow goes through Dapr. */
  sidecar: boolean;
  acls: readonly Acl[];
}

/** `{env: NAME}` or `{file: PATH}` (absolute once loaded): secret values are references only. */
export type SecretReference = { env: string } | { file: string };

export interface Environment {
  name: string;
  provider: 'local' | 'digitalocean' | 'azure' | 'google' | 'oracle' | 'existing';
  protected: boolean;
  /** Who signs the tokens of public requests; undefined is allowed only locally, where `x-user-id` is believed. */
  auth?: ({ jwks: string } | { key: SecretReference }) & { issuer: string; audience: string };
  /** Public host name of the entrance. */
  host?: string;
  region?: string;
  /** Project of DigitalOcean that its resources are shown in. */
  project?: string;
  /** The cluster's node pool. */
  nodes?: { size?: string; count?: number; min?: number; max?: number };
  /** Of a cluster that a provider makes: its version of Kubernetes, whether several machines carry its API, N of its addresses 10.N.0.0/16. */
  controlPlane?: { version?: string; ha?: boolean; network?: number };
  /** `bootstrap`: a real broker instead of the embedded one (`host:port`, comma-separated). */
  kafka?: {
    bootstrap?: string;
    provider?: 'strimzi' | 'digitalocean' | 'external';
    brokers: number;
    /** Disk of one broker, like 10GiB. */
    storage: string;
    /** Machine of each node of a managed Kafka. */
    size?: string;
    /** Kubernetes’ class of its volumes. */
    storageClass?: string;
    mechanism?: 'none' | 'plain' | 'scram-sha-256' | 'scram-sha-512';
    tls?: boolean;
    ca?: boolean;
  };
  /** A real daprd instead of the embedded sidecar: an absolute path, or a name to look up on PATH. */
  dapr?: { binary?: string };
  /** A PostgreSQL of one's own instead of the embedded one. */
  postgres?: { url?: SecretReference; provider?: 'digitalocean' | 'cluster' | 'external'; size?: string; storage?: string; port?: number; connections?: number; pool?: number; pooled?: number };
  /** An existing cluster: a context of the user's kubeconfig, and the UID of its kube-system. */
  context?: string;
  cluster?: string;
  registry?: { server: string; repository: string; credentials?: SecretReference; tier?: 'starter' | 'basic' | 'professional' };
  /** Where charts and images come from instead: by Helm release a path, `oci://…` or `https://repository#chart`; by the image that is pinned another. */
  sources?: { charts: Readonly<Record<string, string>>; images: Readonly<Record<string, string>> };
  /** Fixed ports; what is not named gets a free one. */
  ports: { entrance?: number; kafka?: number; postgres?: number };
  /** Settings of the systems by their id, checked and with defaults; each system knows the shape of its own. */
  systems: Readonly<Record<string, unknown>>;
}

/** The definition as one environment sees it: defaults filled, arrows derived. */
export interface Platform {
  name: string;
  /** The folder that todoctl.yaml lies in. */
  root: string;
  file: string;
  environment: Environment;
  topics: readonly Topic[];
  services: readonly Service[];
}
