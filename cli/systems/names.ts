import type { Platform, Service } from '../definition/platform.ts';
import type { Pods } from './system.ts';

/** A key in a Secret. */
export interface SecretKey {
  name: string;
  key: string;
}

/** Namespace of the services, of Kafka's objects and of all that they read: Dapr finds Secrets only beside its components. */
export function namespaceOf({ name }: Pick<Platform, 'name'>): string {
  return name;
}

/** What every object of an environment carries: how it is found again, counted and pruned. */
export function labelsOf({ name, environment }: Platform, system: string): Record<string, string> {
  return {
    'app.kubernetes.io/part-of': name,
    'todoctl.io/platform': name,
    'todoctl.io/environment': environment.name,
    'todoctl.io/system': system,
  };
}

/** The replicas of a service, as a selector finds them. */
export function podsOf(platform: Platform, { name }: Pick<Service, 'name'>): Pods {
  return { namespace: namespaceOf(platform), labels: { 'app.kubernetes.io/part-of': platform.name, 'app.kubernetes.io/name': name } };
}

/** Ports of a service's pod, all given: 8080 is the service's, the others are daprd's (facts of Dapr 1.18). */
export const PORTS = { app: 8080, daprHttp: 3500, daprHealth: 3501, daprInvoke: 50_002, daprMetrics: 9090 } as const;

/** Who runs PostgreSQL for a cluster. */
export function postgresProvider({ environment: { postgres } }: Platform): 'cluster' | 'digitalocean' | 'external' {
  return postgres?.provider ?? (postgres?.url === undefined ? 'cluster' : 'external');
}

/** How many connections a transaction pooler keeps between services and database; undefined where there is none. */
export function pooledConnections({ environment: { provider, postgres } }: Platform): number | undefined {
  return provider === 'local' ? undefined : postgres?.pooled;
}

/** The instance of a database in the cluster. */
export function postgresPods(platform: Platform): Pods {
  return { namespace: namespaceOf(platform), labels: { 'app.kubernetes.io/part-of': platform.name, 'app.kubernetes.io/name': 'postgres' } };
}

/** The connection string past a pooler, for what needs a session of its own, like pg_dump. */
export function directPostgresSecret(platform: Platform): SecretKey {
  return pooledConnections(platform) === undefined ? SECRETS.database : SECRETS.databaseDirect;
}

/** Where Secrets and keys are that deploy, an operator or a person makes; no rendered file holds a value of theirs. */
export const SECRETS = {
  /** Tokens between app and sidecar. */
  daprApiToken: { name: 'dapr-api-token', key: 'token' },
  appApiToken: { name: 'app-api-token', key: 'token' },
  /** A static key that tokens of users are checked with. */
  authKey: { name: 'auth', key: 'key' },
  redis: { name: 'redis', key: 'password' },
  /** The database of the app: by its pooler, where there is one, and past it. */
  database: { name: 'postgres', key: 'uri' },
  databaseDirect: { name: 'postgres', key: 'direct-uri' },
  /** Of the services' user, where the database is in the cluster. */
  databasePassword: { name: 'postgres', key: 'password' },
  /** Of a managed database's own administrator, by the names of libpq's variables: PGHOST, PGPORT, PGUSER, PGPASSWORD. */
  databaseAdmin: { name: 'postgres-admin' },
} as const;
