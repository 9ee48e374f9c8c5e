import type { Acl, Platform } from '../definition/platform.ts';

/** DigitalOcean's managed Kafka: three nodes, and no topic with fewer partitions or on fewer than two of them. */
export const NODES = 3;
const LEAST_PARTITIONS = 3;
const IN_SYNC = 2;

type Permission = 'consume' | 'produce' | 'produceconsume';

interface ManagedTopic {
  partitions: number;
  /** A text, as the provider takes it. */
  retention_ms: string;
  retention_bytes: string | null;
}

export interface ManagedKafka {
  nodes: number;
  inSync: number;
  topics: Record<string, ManagedTopic>;
  /** What each user may do with which topic. */
  users: Record<string, Record<string, Permission>>;
}

/** Topics and users of a managed Kafka, from the same entries as Strimzi's. It has rights on topics only, none on groups. */
export function managedKafka({ topics, services }: Platform): ManagedKafka {
  const names = topics.map(({ name }) => name);
  const consumed = new Set(services.flatMap(({ subscriptions }) => subscriptions.map(({ topic }) => topic)));
  const reader = (of: readonly string[]): Record<string, Permission> => Object.fromEntries(of.map((topic) => [topic, 'consume']));
  return {
    nodes: NODES,
    inSync: IN_SYNC,
    topics: Object.fromEntries(
      topics.map(({ name, partitions, retentionMs, retentionBytes }) => [
        name,
        { partitions: Math.max(partitions, LEAST_PARTITIONS), retention_ms: String(retentionMs), retention_bytes: retentionBytes === undefined ? null : String(retentionBytes) },
      ]),
    ),
    users: {
      ...Object.fromEntries(services.filter(({ acls }) => acls.length > 0).map(({ name, acls }) => [name, permissions(acls)])),
      // Whoever watches events, and the autoscaler that looks how far behind the groups are.
      tail: reader(names),
      keda: reader(names.filter((name) => consumed.has(name))),
    },
  };
}

function permissions(acls: readonly Acl[]): Record<string, Permission> {
  return Object.fromEntries(
    acls.filter(({ resource }) => resource === 'topic').map(({ name, operations }) => [name, permission(operations.includes('Read'), operations.includes('Write'))]),
  );
}

function permission(reads: boolean, writes: boolean): Permission {
  return reads && writes ? 'produceconsume' : writes ? 'produce' : 'consume';
}
