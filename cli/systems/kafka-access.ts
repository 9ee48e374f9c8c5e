import type { Environment, Platform } from '../definition/platform.ts';
import { namespaceOf, type SecretKey } from './names.ts';

/** How a client in the cluster reaches Kafka and says who it is. The same for Dapr, KEDA, Connect and tail. */
export interface ClusterKafka {
  provider: 'strimzi' | 'digitalocean' | 'external';
  /** `host:port,…` where it is known before anything runs, else where it will be found. */
  bootstrap: string | SecretKey;
  tls: boolean;
  /** Undefined: the brokers ask nobody who they are. */
  sasl?: {
    /** Dapr's spelling; anything else would silently become PLAIN. */
    mechanism: 'SHA-512' | 'SHA-256' | 'PLAINTEXT';
    /** `own`: the user has the name of the client (a service, `tail`, `lag`, `keda`, `connect`, `mirror`); else one user for all. */
    username: 'own' | SecretKey;
    password(client: string): SecretKey;
  };
  /** Certificate of who signed the brokers' certificates, where it is not a public one. */
  ca?: SecretKey;
}

/** What of a platform says where its Kafka is. */
export type KafkaOwner = Pick<Platform, 'name'> & { environment: Pick<Environment, 'kafka'> };

/** Name of the Kafka object; Strimzi names its Services and Secrets after it. */
export function kafkaCluster({ name }: Pick<Platform, 'name'>): string {
  return name;
}

/** How many brokers a cluster of Strimzi has. */
export function brokersOf({ environment: { kafka } }: Platform): number {
  return kafka?.brokers ?? 1;
}

/** In front of the names of the users' Secrets, so that a service named postgres takes nobody's place. */
export const USER_SECRET_PREFIX = 'kafka-';

export const KAFKA_TLS_PORT = 9093;

/** Access to Kafka in an environment of a cluster; what of the platform decides it can be had without the schema library. */
export function kafkaOf(platform: KafkaOwner): ClusterKafka {
  const kafka: Partial<NonNullable<Environment['kafka']>> = platform.environment.kafka ?? {};
  const own = { username: 'own', password: (client: string) => ({ name: `${USER_SECRET_PREFIX}${client}`, key: 'password' }) } as const;
  const provider = kafka.provider ?? (kafka.bootstrap === undefined ? 'strimzi' : 'external');
  if (provider === 'strimzi') {
    const cluster = kafkaCluster(platform);
    return {
      provider,
      bootstrap: `${cluster}-kafka-bootstrap.${namespaceOf(platform)}.svc:${KAFKA_TLS_PORT}`,
      tls: true,
      sasl: { mechanism: 'SHA-512', ...own },
      ca: { name: `${cluster}-cluster-ca-cert`, key: 'ca.crt' },
    };
  }
  if (provider === 'digitalocean') {
    return { provider, bootstrap: { name: 'kafka', key: 'brokers' }, tls: true, sasl: { mechanism: 'SHA-256', ...own }, ca: { name: 'kafka', key: 'ca.crt' } };
  }
  const { mechanism = 'none', tls = mechanism !== 'none' } = kafka;
  // Dapr speaks TLS to brokers that ask nobody only with the certificate of who signed theirs.
  const { ca = tls && mechanism === 'none' } = kafka;
  return {
    provider,
    bootstrap: kafka.bootstrap ?? { name: 'kafka', key: 'brokers' },
    tls,
    ...(mechanism === 'none'
      ? {}
      : { sasl: { mechanism: DAPR_SPELLING[mechanism], username: { name: 'kafka', key: 'username' }, password: () => ({ name: 'kafka', key: 'password' }) } }),
    ...(ca ? { ca: { name: 'kafka', key: 'ca.crt' } } : {}),
  };
}

const DAPR_SPELLING = { 'scram-sha-512': 'SHA-512', 'scram-sha-256': 'SHA-256', plain: 'PLAINTEXT' } as const;
