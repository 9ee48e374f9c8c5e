// What the stand-in reads of Strimzi's kinds and of the cluster's: as much as it needs.

export interface Metadata {
  name: string;
  namespace: string;
  uid: string;
  generation?: number;
  deletionTimestamp?: string;
  finalizers?: string[];
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

export interface Condition {
  type: string;
  status: 'True' | 'False';
  lastTransitionTime?: string;
  reason?: string;
  message?: string;
}

export interface Status {
  observedGeneration?: number;
  conditions?: Condition[];
  [key: string]: unknown;
}

interface Custom<Spec> {
  kind: string;
  metadata: Metadata;
  spec: Spec;
  status?: Status;
}

export interface Listener {
  name: string;
  port: number;
  tls: boolean;
  authentication?: { type: string };
}

export type Kafka = Custom<{
  kafka: { version?: string; metadataVersion?: string; listeners: Listener[]; config?: Record<string, unknown>; authorization?: { type: string } };
  entityOperator?: { topicOperator?: object; userOperator?: { secretPrefix?: string } };
}>;

export type Pool = Custom<{
  replicas: number;
  roles: ('controller' | 'broker')[];
  storage: { volumes?: { id: number; size: string; class?: string; deleteClaim?: boolean }[] };
  resources?: object;
  jvmOptions?: Record<string, string>;
}>;

export type Topic = Custom<{ topicName?: string; partitions?: number; replicas?: number; config?: Record<string, string | number | boolean> }>;

export interface Acl {
  type?: 'allow' | 'deny';
  resource: { type: 'topic' | 'group' | 'cluster' | 'transactionalId'; name?: string; patternType?: 'literal' | 'prefix' };
  host?: string;
  operations: string[];
}

export type User = Custom<{ authentication?: { type: string }; authorization?: { acls: Acl[] } }>;

export const CLUSTER = 'strimzi.io/cluster';
export const VERSION = 'kafka.strimzi.io/v1';

/** The API's name of each kind. */
export const PLURALS = { Kafka: 'kafkas', KafkaNodePool: 'kafkanodepools', KafkaTopic: 'kafkatopics', KafkaUser: 'kafkausers' } as const;

/** Collection of a kind: of a namespace, or of all. */
export function pathOf(kind: keyof typeof PLURALS, namespace?: string, name?: string): string {
  return `/apis/${VERSION}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${PLURALS[kind]}${name === undefined ? '' : `/${name}`}`;
}
