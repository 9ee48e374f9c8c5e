import type { Acl, Platform } from '../definition/platform.ts';
import { lagOf } from './lag.ts';

/** DigitalOcean's managed Kafka: three nodes, and no topic with fewer partitions or on fewer than two of them. */
const NODES = 3;
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
  const consumed = services.flatMap(({ subscriptions }) => subscriptions.map(({ topic }) => topic));
  const scaled = services.flatMap((service) => lagOf(service)?.topics ?? []);
  return {
    nodes: NODES,
    inSync: IN_SYNC,
    topics: Object.fromEntries(
      topics.map(({ name, partitions, retentionMs, retentionBytes }) => [
        name,
        { partitions: Math.max(partitions, LEAST_PARTITIONS), retention_ms: String(retentionMs), retention_bytes: retentionBytes === undefined ? null : String(retentionBytes) },
      ]),
    ),
    users: withRights({
      ...Object.fromEntries(services.map(({ name, acls }) => [name, permissions(acls)])),
      // Whoever looks from outside, as in kafka-users.ts. There is no right to describe alone.
      tail: reader(names),
      lag: reader(consumed),
      keda: reader(scaled),
    }),
  };
}

function reader(topics: readonly string[]): Record<string, Permission> {
  return Object.fromEntries(topics.map((topic) => [topic, 'consume']));
}

/** Who may do nothing is no user. */
function withRights(users: ManagedKafka['users']): ManagedKafka['users'] {
  return Object.fromEntries(Object.entries(users).filter(([, rights]) => Object.keys(rights).length > 0));
}

function permissions(acls: readonly Acl[]): Record<string, Permission> {
  return Object.fromEntries(
    acls.filter(({ resource }) => resource === 'topic').map(({ name, operations }) => [name, permission(operations.includes('Read'), operations.includes('Write'))]),
  );
}

function permission(reads: boolean, writes: boolean): Permission {
  return reads && writes ? 'produceconsume' : writes ? 'produce' : 'consume';
}
